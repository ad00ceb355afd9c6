import type { ChannelConfig } from '../config/config.ts'

// The parts of the services' addresses that are public. Any other part may be the token.
const PUBLIC_PARTS = new Set([
  'open-apis',
  'bot',
  'v2',
  'hook',
  'cgi-bin',
  'webhook',
  'send',
  'services',
  'robot',
  'powerautomate',
  'automations',
  'direct',
  'workflows',
  'triggers',
  'manual',
  'paths',
  'invoke',
  'sendMessage',
  'webhooks',
])
/** A shorter one is no token, and would take letters out of every word. */
const SHORTEST_SECRET = 4

/**
 * `text` without the address, the token and the secret of `channel`: chats quote the address that they were
 * asked at, and a reader of the log must not be able to write to the chat.
 */
export function redact(text: string, channel: ChannelConfig): string {
  return secretsOf(channel).reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
}

function secretsOf({ webhookUrl, secret }: ChannelConfig): string[] {
  const parts = URL.canParse(webhookUrl) ? partsOf(new URL(webhookUrl)) : []
  return [webhookUrl, secret ?? '', ...parts]
    .flatMap(part => [part, encodeURIComponent(part), JSON.stringify(part).slice(1, -1)])
    .filter(part => part.length >= SHORTEST_SECRET)
    .sort((one, other) => other.length - one.length)
}

function partsOf({ href, pathname, search, searchParams, username, password }: URL): string[] {
  const segments = pathname.split('/').filter(segment => !PUBLIC_PARTS.has(segment))
  return [href, pathname + search, search, ...segments, ...searchParams.values(), username, password]
}
