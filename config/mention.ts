import type { ChannelKind } from './chats.ts'
import type { Findings } from './findings.ts'
import { show } from './show.ts'

/** So many are called at the most: whoever wants more makes a group of them. */
const MOST_MENTIONS = 10

/** How a chat knows people. */
interface Form {
  /** What may be written, for a person. */
  readonly wants: string
  /** Each as the operator may write it: its one group is the id that the channel makes a mention of. */
  readonly forms: readonly RegExp[]
}

/**
 * How each chat wants those who are called to be written: by a bare id, with or without `@`, or as its own
 * markup has them. Ids hold no character that is markup. A bot cannot look a name up: all chats want ids.
 */
const FORMS: { readonly [Kind in ChannelKind]: Form } = {
  // https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot: of a custom bot no e-mail addresses.
  feishu: {
    wants: 'all, an open ID such as ou_1a2b3c4d, or a user ID; no name, and no e-mail address',
    forms: [/^@?(all|[\w-]{1,64})$/, /^<at (?:user_)?id="?([\w-]{1,64})"?>[^<>]*<\/at>$/],
  },
  // https://developer.work.weixin.qq.com/document/path/91770
  wechat: {
    wants: 'the user ID of a member, such as zhangsan; in the Markdown of WeCom a bot cannot call all',
    forms: [/^@?((?!all$)[A-Za-z\d][\w.@-]{0,63})$/, /^<@((?!all>)[A-Za-z\d][\w.@-]{0,63})>$/],
  },
  // https://docs.slack.dev/messaging/formatting-message-text#mentioning-users
  slack: {
    wants:
      'here, channel, everyone, a member ID such as U012AB3CD, or the ID of a user group such as S012AB3CD; no name',
    forms: [
      /^@?(here|channel|everyone|[SUW][A-Z\d]{6,20})$/,
      /^<!(here|channel|everyone)>$/,
      /^<@([UW][A-Z\d]{6,20})>$/,
      /^<!subteam\^(S[A-Z\d]{6,20})(?:\|[^<>]*)?>$/,
    ],
  },
  // https://open.dingtalk.com/document/robots/custom-robot-access
  dingtalk: {
    wants: 'all, a mobile number such as 13800138000, or the user ID of a member; no name',
    forms: [/^@?(all|(?:\+\d{1,3}-)?[\w.-]{1,64})$/],
  },
  // https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format
  teams: {
    wants: 'the user principal name of a member, such as anna@example.com, or their ID in Entra; no team',
    forms: [/^([\w.+-]{1,64}@[\w.-]{1,190})$/, /^([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/],
  },
  // A bot can make a mention of a user name only: https://core.telegram.org/bots/api#html-style
  telegram: {
    wants: 'a user name such as @anna_ops; who has none, and a whole group, cannot be called',
    forms: [/^@?([A-Za-z]\w{3,31})$/],
  },
  // https://discord.com/developers/docs/reference#message-formatting
  discord: {
    wants:
      'here, everyone, the ID of a member such as 80351110224678912, or a role as Discord writes it, <@&165511591545143296>; no name',
    forms: [/^@?(here|everyone|\d{15,21})$/, /^<@!?(\d{15,21})>$/, /^<@(&\d{15,21})>$/],
  },
}

/**
 * The ids of those whom `written`, the value of the key at `path`, calls in a chat of this kind. What is none
 * goes to `findings`, with what the chat wants.
 */
export function readMentions(
  kind: ChannelKind,
  written: readonly string[],
  path: string,
  findings: Findings,
): readonly string[] {
  const { wants, forms } = FORMS[kind]
  if (written.length > MOST_MENTIONS)
    findings.wrong(path, `calls ${written.length}; at most ${MOST_MENTIONS}`, 'Make a group of them.')
  const ids = written.slice(0, MOST_MENTIONS).flatMap(one => {
    const id = idOf(one, forms)
    if (id !== null) return [id]
    findings.wrong(
      path,
      `holds ${shown(one)}; ${kind} wants ${wants}`,
      'docs/channels.md says where each chat shows these.',
    )
    return []
  })
  return [...new Set(ids)]
}

function idOf(written: string, forms: readonly RegExp[]): string | null {
  return forms.map(form => form.exec(written)?.[1]).find(id => id !== undefined) ?? null
}

/** What looks like a name is shown, `@` and all; what may be an address of a robot is not. */
function shown(written: string): string {
  return /^[^/:?=]{1,60}$/.test(written) ? JSON.stringify(written) : show(written)
}
