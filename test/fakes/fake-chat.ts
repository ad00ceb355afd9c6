import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import type { ChannelKind } from '../../config/chats.ts'
import { at, isLink, isText, type Json, listAt, type Reply } from './chats/body.ts'
import { checkDiscord } from './chats/discord.ts'
import { checkTeams } from './chats/teams.ts'
import { checkTelegram } from './chats/telegram.ts'

/** A message that a chat took. */
export interface ChatMessage {
  readonly kind: ChannelKind
  readonly body: Record<string, unknown>
  /** Every string of the body, a line each, as it is read: for tests that look for a word, wherever it stands. */
  readonly text: string
}

/**
 * What the fake does instead of taking the next message. `hang`: never answers; `reset`: closes the
 * connection; `endless`: an answer that never ends.
 */
export type Failure =
  | { readonly status?: number; readonly body?: unknown; readonly headers?: Record<string, string> }
  | 'hang'
  | 'reset'
  | 'endless'

export interface FakeChat {
  /** The address of a bot of this kind, in the form of the real one. It holds {@link TOKEN}. */
  url(kind: ChannelKind): string
  /** What was taken, in order. What was refused is not among it. */
  readonly messages: readonly ChatMessage[]
  /** How many requests came, taken or refused. */
  readonly requests: number
  /** The next requests fail in turn, one by each of `failures`. */
  failNext(...failures: Failure[]): void
  /** What was planned to fail does so no more. */
  heal(): void
  close(): Promise<void>
}

export interface FakeChatOptions {
  /** With a secret, a bot refuses what is not signed with it. For Feishu and DingTalk. */
  readonly secrets?: Partial<Record<ChannelKind, string>>
  /** With a keyword, a bot refuses a text without it. For Feishu and DingTalk. */
  readonly keywords?: Partial<Record<ChannelKind, string>>
  /** Called with each body that came, before it is answered. */
  readonly onRequest?: (body: Buffer) => void
}

export const TOKEN = 'c0ffee11-0000-4000-8000-70ce70ce70ce'

const PATHS: Record<ChannelKind, string> = {
  feishu: `/open-apis/bot/v2/hook/${TOKEN}`,
  wechat: `/cgi-bin/webhook/send?key=${TOKEN}`,
  slack: `/services/T00000000/B00000000/${TOKEN}`,
  dingtalk: `/robot/send?access_token=${TOKEN}`,
  teams: `/powerautomate/automations/direct/workflows/0f1e/triggers/manual/paths/invoke?api-version=1&sig=${TOKEN}`,
  telegram: `/bot4242:${TOKEN}/sendMessage?chat_id=-1001234567890`,
  discord: `/api/webhooks/1234567890123456789/${TOKEN}`,
}

/**
 * A server on a loopback port that answers as the chats do: it checks sizes, types,
 * structure and signatures as far as they are documented, and says failure with HTTP 200 where they do.
 */
export async function startFakeChat(options: FakeChatOptions = {}): Promise<FakeChat> {
  const messages: ChatMessage[] = []
  const failures: Failure[] = []
  let requests = 0

  const server = createServer(async (request, response) => {
    requests += 1
    const body = await bodyOf(request)
    options.onRequest?.(body)
    const failure = failures.shift()
    if (failure !== undefined) return fail(failure, request, response)

    const url = new URL(request.url ?? '/', 'http://chat')
    const kind = kindOf(url)
    if (kind === undefined || request.method !== 'POST') return answer(response, 404, 'no such bot')
    const { refusal, message } = judge(kind, url, body, options)
    if (message !== undefined) messages.push(message)
    answer(response, ...(refusal ?? SUCCESS[kind]))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // listens on TCP

  return {
    url: kind => `http://127.0.0.1:${port}${PATHS[kind]}`,
    messages,
    get requests() {
      return requests
    },
    failNext: (...more) => {
      failures.push(...more)
    },
    heal: () => {
      failures.length = 0
    },
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

const SUCCESS: Record<ChannelKind, Reply> = {
  feishu: [200, { StatusCode: 0, StatusMessage: 'success', code: 0, data: {}, msg: 'success' }],
  wechat: [200, { errcode: 0, errmsg: 'ok' }],
  slack: [200, 'ok'],
  dingtalk: [200, { errcode: 0, errmsg: 'ok' }],
  teams: [202, ''],
  telegram: [200, { ok: true, result: { message_id: 7 } }],
  discord: [204, ''],
}

function kindOf(url: URL): ChannelKind | undefined {
  const path = url.pathname + url.search
  if (url.searchParams.get('access_token') === TOKEN && url.pathname === '/robot/send') return 'dingtalk'
  return (Object.keys(PATHS) as ChannelKind[]).find(kind => PATHS[kind] === path)
}

function judge(
  kind: ChannelKind,
  url: URL,
  bytes: Buffer,
  { secrets = {}, keywords = {} }: FakeChatOptions,
): { refusal?: Reply; message?: ChatMessage } {
  const body = parsed(bytes)
  if (body === null) return { refusal: NOT_JSON[kind] }
  const text = stringsIn(body).join('\n')
  const secret = secrets[kind]
  const keyword = keywords[kind]
  const unsigned = secret === undefined ? null : SIGNATURES[kind](body, url, secret)
  const unheard = keyword === undefined || text.includes(keyword) ? null : KEYWORD_MISSING[kind]
  const refusal = unsigned ?? unheard ?? refusalOf(kind, body)
  return refusal === null ? { message: { kind, body, text: readable(kind, text) } } : { refusal }
}

/** Without what makes a text harmless and is not shown. */
function readable(kind: ChannelKind, text: string): string {
  if (kind === 'discord') return text.replace(/\\(.)/g, '$1')
  return kind === 'telegram' ? text.replaceAll('\u2060', '') : text
}

/** What the chat would answer to this body, by its limits and structure alone; `null`: it would take it. */
export function refusalOf(kind: ChannelKind, body: Readonly<Json>): Reply | null {
  return CHECKS[kind](body, Buffer.byteLength(JSON.stringify(body)))
}

const NOT_JSON: Record<ChannelKind, Reply> = {
  feishu: [200, { code: 9499, msg: 'Bad Request', data: {} }],
  wechat: [200, { errcode: 40008, errmsg: 'invalid message type' }],
  slack: [400, 'invalid_payload'],
  dingtalk: [200, { errcode: 43004, errmsg: 'invalid content type' }],
  teams: [400, { error: { code: 'InvalidRequestContent', message: 'The request content is not valid' } }],
  telegram: [400, { ok: false, error_code: 400, description: "Bad Request: can't parse JSON object" }],
  discord: [400, { message: 'The request body contains invalid JSON.', code: 50109 }],
}

const KEYWORD_MISSING: Partial<Record<ChannelKind, Reply>> = {
  feishu: [200, { code: 19024, msg: 'Key Words Not Found', data: {} }],
  dingtalk: [200, { errcode: 310000, errmsg: 'keywords not in content' }],
}

const HOUR_MS = 3_600_000

type SignatureCheck = (body: Json, url: URL, secret: string) => Reply | null

const SIGNATURES: Record<ChannelKind, SignatureCheck> = {
  feishu: ({ timestamp, sign }, _url, secret) => {
    const expected = createHmac('sha256', `${timestamp}\n${secret}`).update('').digest('base64')
    const fresh = /^\d{10}$/.test(String(timestamp)) && isFresh(Number(timestamp) * 1000)
    if (sign === expected && fresh && typeof timestamp === 'string') return null
    return [
      200,
      { code: 19021, msg: 'sign match fail or timestamp is not within one hour from current time' },
    ]
  },
  dingtalk: (_body, url, secret) => {
    const timestamp = url.searchParams.get('timestamp') ?? ''
    const expected = createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64')
    if (!/^\d{13}$/.test(timestamp) || !isFresh(Number(timestamp))) {
      return [200, { errcode: 310000, errmsg: 'invalid timestamp' }]
    }
    return url.searchParams.get('sign') === expected
      ? null
      : [200, { errcode: 310000, errmsg: 'sign not match' }]
  },
  wechat: () => null,
  slack: () => null,
  teams: () => null,
  telegram: () => null,
  discord: () => null,
}

function isFresh(milliseconds: number): boolean {
  return Math.abs(Date.now() - milliseconds) <= HOUR_MS
}

const CHECKS: Record<ChannelKind, (body: Json, bytes: number) => Reply | null> = {
  feishu: checkFeishu,
  wechat: checkWechat,
  slack: checkSlack,
  dingtalk: checkDingtalk,
  teams: checkTeams,
  telegram: checkTelegram,
  discord: checkDiscord,
}

function checkFeishu(body: Json, bytes: number): Reply | null {
  if (bytes > 20_000) return [200, { code: 9499, msg: 'request body too large', data: {} }]
  if (body.msg_type === 'text') {
    return isText(at(body, 'content', 'text')) ? null : NOT_JSON.feishu
  }
  if (body.msg_type !== 'interactive') return [200, { code: 10208, msg: 'unknown msg_type', data: {} }]
  const elements = at(body, 'card', 'elements')
  const sound =
    at(body, 'card', 'header', 'title', 'tag') === 'plain_text' &&
    isText(at(body, 'card', 'header', 'title', 'content')) &&
    Array.isArray(elements) &&
    elements.length > 0 &&
    elements.every(isCardElement)
  return sound ? null : [200, { code: 11246, msg: 'card content is invalid', data: {} }]
}

function isCardElement(element: unknown): boolean {
  switch (at(element, 'tag')) {
    case 'hr':
      return true
    case 'div':
      return [at(element, 'text'), ...listAt(element, 'fields').map(field => at(field, 'text'))]
        .filter(text => text !== undefined)
        .every(isCardText)
    case 'action':
      return listAt(element, 'actions').every(
        action =>
          at(action, 'tag') === 'button' && isCardText(at(action, 'text')) && isLink(at(action, 'url')),
      )
    case 'note':
      return listAt(element, 'elements').every(isCardText)
    default:
      return false
  }
}

function isCardText(text: unknown): boolean {
  return ['plain_text', 'lark_md'].includes(String(at(text, 'tag'))) && isText(at(text, 'content'))
}

function checkWechat(body: Json): Reply | null {
  const limit = body.msgtype === 'text' ? 2048 : body.msgtype === 'markdown' ? 4096 : null
  if (limit === null) return NOT_JSON.wechat
  const content = at(body, String(body.msgtype), 'content')
  if (!isText(content)) return [200, { errcode: 44004, errmsg: 'empty content' }]
  if (Buffer.byteLength(content) <= limit) return null
  return [200, { errcode: 40058, errmsg: `${body.msgtype}.content exceed max length ${limit}` }]
}

function checkSlack(body: Json): Reply | null {
  if (body.blocks === undefined) return isText(body.text) ? null : [400, 'no_text']
  const blocks = listAt(body, 'blocks')
  return blocks.length > 0 && blocks.length <= 50 && blocks.every(isSlackBlock)
    ? null
    : [400, 'invalid_blocks']
}

function isSlackBlock(block: unknown): boolean {
  switch (at(block, 'type')) {
    case 'header':
      return at(block, 'text', 'type') === 'plain_text' && isSlackText(at(block, 'text'), 150)
    case 'section': {
      const fields = listAt(block, 'fields')
      const text = at(block, 'text')
      return (
        (text !== undefined || fields.length > 0) &&
        (text === undefined || isSlackText(text, 3000)) &&
        fields.length <= 10 &&
        fields.every(field => isSlackText(field, 2000))
      )
    }
    case 'context':
      return listAt(block, 'elements').every(element => isSlackText(element, 3000))
    default:
      return false
  }
}

function isSlackText(text: unknown, limit: number): boolean {
  const content = at(text, 'text')
  return (
    ['plain_text', 'mrkdwn'].includes(String(at(text, 'type'))) && isText(content) && content.length <= limit
  )
}

const TOO_LONG: Reply = [200, { errcode: 460101, errmsg: 'message too long' }]

function checkDingtalk(body: Json, bytes: number): Reply | null {
  if (bytes > 20_000) return TOO_LONG
  const type = String(body.msgtype)
  const required: Record<string, readonly string[]> = {
    text: ['content'],
    markdown: ['title', 'text'],
    actionCard: ['title', 'text', 'singleTitle', 'singleURL'],
  }
  const fields = required[type]
  if (fields === undefined) return [200, { errcode: 400105, errmsg: 'unsupported msgtype' }]
  if (fields.some(field => String(at(body, type, field)).length > 5000)) return TOO_LONG
  const missing = fields.find(field => !isText(at(body, type, field)))
  return missing === undefined ? null : [200, { errcode: 40035, errmsg: `缺少参数 ${type}.${missing}` }]
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : []
}

function parsed(bytes: Buffer): Json | null {
  try {
    const value: unknown = JSON.parse(bytes.toString())
    return typeof value === 'object' && value !== null ? (value as Json) : null
  } catch {
    return null // not JSON: the chat refuses it in its own words
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function fail(failure: Failure, request: IncomingMessage, response: ServerResponse): void {
  if (failure === 'hang') return
  if (failure === 'reset') {
    request.socket.destroy()
    return
  }
  if (failure === 'endless') {
    endlessly().pipe(response.writeHead(200))
    return
  }
  answer(response, failure.status ?? 500, failure.body ?? '', failure.headers)
}

function endlessly(): Readable {
  return Readable.from(
    (function* () {
      for (;;) yield 'x'.repeat(16_384)
    })(),
  )
}

function answer(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text)
}
