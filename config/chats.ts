/** What the configuration needs to know of a kind of chat. */
interface Chat {
  /** What `chan` may call it as well; in lower case. */
  readonly alias: string | null
  /** Whether a `secret` signs the messages there. */
  readonly signs: boolean
}

/**
 * The kinds of chat, each by what `chan` calls it. A new one is a line here and a file in notify/channels/:
 * what else has to know of it follows from this table, or does not compile, or fails a test that says what is
 * missing.
 */
export const CHATS = {
  feishu: { alias: 'lark', signs: true },
  wechat: { alias: 'wecom', signs: false },
  slack: { alias: null, signs: false },
  dingtalk: { alias: null, signs: true },
  teams: { alias: 'msteams', signs: false },
  telegram: { alias: null, signs: false },
  discord: { alias: null, signs: false },
} as const satisfies Readonly<Record<string, Chat>>

export type ChannelKind = keyof typeof CHATS

/** Those of them that a `secret` signs for. */
export type SigningKind = {
  [Kind in ChannelKind]: (typeof CHATS)[Kind]['signs'] extends true ? Kind : never
}[ChannelKind]

// The table has no other keys than its own.
export const CHANNEL_KINDS = Object.keys(CHATS) as readonly ChannelKind[]

/** The kind that `chan` names, in any case; `null`: there is no such chat. */
export function channelKindOf(chan: string): ChannelKind | null {
  const name = chan.toLowerCase()
  return CHANNEL_KINDS.find(kind => name === kind || name === CHATS[kind].alias) ?? null
}

export function isSigning(kind: ChannelKind): boolean {
  return CHATS[kind].signs
}

/** All that `chan` may say, for the reference: `feishu (or lark), slack`. */
export function chatNames(): string {
  const named = CHANNEL_KINDS.map(kind => [kind, CHATS[kind].alias] as const)
  return named.map(([kind, alias]) => (alias === null ? kind : `${kind} (or ${alias})`)).join(', ')
}

/** `kinds` in a sentence: `feishu, slack and dingtalk`. */
export function listed(kinds: readonly ChannelKind[]): string {
  return kinds.join(', ').replace(/, (?=[^,]*$)/, ' and ')
}
