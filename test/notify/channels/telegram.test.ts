import assert from 'node:assert/strict'
import { it } from 'node:test'
import { telegram } from '../../../notify/channels/telegram.ts'
import { defaultMessage, messageFor } from '../../../notify/message.ts'
import { LINK, REPORT, sampleNotification } from '../sample-notification.ts'
import { verdictsOf } from './verdicts-of.ts'

const ESCAPED_LINK = LINK.replaceAll('&', '&amp;')

it('telegram.render() makes text with a link, and of which Telegram makes no links by itself', () => {
  const report = { ...REPORT, container: { name: 'evil.com<b>' } }
  assert.deepEqual(telegram.render(defaultMessage(sampleNotification({ report }))), {
    text: [
      '🔵 <b>SIGSEGV in prod/\u2060web (evil.\u2060com&lt;b&gt;)</b>',
      'SEGV_MAPERR, 0x0',
      '<pre>· server + 0x401149</pre>',
      'Pod: <code>web-0</code>',
      'Program: <code>/app/server</code>',
      'Node: <code>node-7 (10.0.1.7)</code>',
      `<a href="${ESCAPED_LINK}">Download the core</a>`,
      "<pre>gunzip core.gz &amp;&amp; gdb -nx -iex 'set auto-load off' /app/server core</pre>",
      '<code>core of 1.2 GiB, 84 MiB stored</code> · <code>2026-11-21 04:21:17 UTC</code>',
      '<code>s3://cores/prod/web-0/core.gz</code>',
      '<code>CoreDog 0.1.0 · crash 3f2a9c01d4e5 · whoever has the link can read the memory of the process</code>',
    ].join('\n'),
    parse_mode: 'HTML',
    link_preview_options: { is_disabled: true },
  })
})

it('telegram.render() keeps the operator’s markup, and no one else’s', () => {
  const report = { ...REPORT, pod: { name: '<a href="https://evil">@all</a>' } }
  const messageTemplate = '<b>{pod.name}</b> <a href="{corefile.url}">get</a> {corefile.url}'
  const { text } = telegram.render(
    messageFor(sampleNotification({ report }), { messageTemplate, messageLabels: {} }),
  )
  assert.equal(
    text,
    `<b>&lt;a href=&quot;https:/\u2060/\u2060evil&quot;&gt;@\u2060all&lt;/\u2060a&gt;</b> <a href="${ESCAPED_LINK}">get</a> <a href="${ESCAPED_LINK}">Download the core</a>`,
  )
})

it('telegram.renderPlain() has no markup to be parsed', () => {
  const body = telegram.renderPlain(defaultMessage(sampleNotification()))
  assert.equal(body.parse_mode, undefined)
  assert.match(String(body.text), /\nDownload the core: https:/)
})

const said = (description: string, more = {}) => JSON.stringify({ ok: false, description, ...more })

verdictsOf(telegram, [
  { name: 'ok', body: '{"ok":true,"result":{}}', kind: 'ok' },
  { name: 'bad markup', status: 400, body: said("Bad Request: can't parse entities: x"), kind: 'malformed' },
  { name: 'a long text', status: 400, body: said('Bad Request: message is too long'), kind: 'malformed' },
  {
    name: 'an unknown chat',
    status: 400,
    body: said('Bad Request: chat not found'),
    kind: 'failed',
    hint: /chat_id/,
  },
  {
    name: 'no chat',
    status: 400,
    body: said('Bad Request: chat_id is empty'),
    kind: 'failed',
    hint: /chat_id/,
  },
  {
    name: 'a group that grew',
    status: 400,
    body: said('Bad Request: group chat was upgraded to a supergroup chat', {
      parameters: { migrate_to_chat_id: -1001 },
    }),
    kind: 'failed',
    hint: /-100/,
  },
  {
    name: 'a bot that was put out',
    status: 403,
    body: said('Forbidden: bot was kicked from the group chat'),
    kind: 'failed',
    hint: /group/,
  },
  { name: 'a wrong token', status: 401, body: said('Unauthorized'), kind: 'failed', hint: /BotFather/ },
  { name: 'no token', status: 404, body: said('Not Found'), kind: 'failed', hint: /BotFather/ },
  { name: 'a limit', status: 429, body: said('Too Many Requests: retry after 7'), kind: 'retry' },
])

it('telegram.verdict() waits as long as Telegram says', () => {
  const body = said('Too Many Requests', { parameters: { retry_after: 7 } })
  const verdict = telegram.verdict({ status: 429, body })
  assert.equal(verdict.kind === 'retry' && verdict.afterSeconds, 7)
})
