import assert from 'node:assert/strict'
import { it } from 'node:test'
import { slack } from '../../../notify/channels/slack.ts'
import { defaultMessage, messageFor } from '../../../notify/message.ts'
import { LINK, REPORT, sampleNotification } from '../sample-notification.ts'
import { verdictsOf } from './verdicts-of.ts'

const ESCAPED_LINK = LINK.replaceAll('&', '&amp;')

function mrkdwn(text: string): object {
  return { type: 'mrkdwn', text, verbatim: true }
}

it('slack.render() makes blocks with a link and no button', () => {
  const report = { ...REPORT, container: { name: 'a&b' } }
  assert.deepEqual(slack.render(defaultMessage(sampleNotification({ report }))), {
    text: 'SIGSEGV in prod/web (a&amp;b)',
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: '🔵 SIGSEGV in prod/web (a&b)' } },
      { type: 'section', text: mrkdwn('SEGV_MAPERR, 0x0') },
      { type: 'section', text: mrkdwn('```\n· server + 0x401149\n```') },
      {
        type: 'section',
        fields: [
          mrkdwn('*Pod*\nweb-0'),
          mrkdwn('*Program*\n/app/server'),
          mrkdwn('*Node*\nnode-7 (10.0.1.7)'),
        ],
      },
      { type: 'section', text: mrkdwn(`<${ESCAPED_LINK}|Download the core>`) },
      {
        type: 'section',
        text: mrkdwn("`gunzip core.gz &amp;&amp; gdb -nx -iex 'set auto-load off' /app/server core`"),
      },
      {
        type: 'context',
        elements: [
          mrkdwn(
            [
              'core of 1.2 GiB, 84 MiB stored · <!date^1795234877^{date_num} {time_secs}|2026-11-21 04:21:17 UTC>',
              's3://cores/prod/web-0/core.gz',
              'CoreDog 0.1.0 · crash 3f2a9c01d4e5 · whoever has the link can read the memory of the process',
            ].join('\n'),
          ),
        ],
      },
    ],
  })
})

it('slack.render() keeps the operator’s markup, and no one else’s', () => {
  const report = { ...REPORT, pod: { name: '<!channel>' } }
  const messageTemplate = '<!here> {pod.name} <{corefile.url}|get> {corefile.url}'
  const { blocks } = slack.render(
    messageFor(sampleNotification({ report }), { messageTemplate, messageLabels: {} }),
  ) as { blocks: unknown }
  assert.deepEqual(blocks, [
    {
      type: 'section',
      text: mrkdwn(`<!here> &lt;!channel&gt; <${ESCAPED_LINK}|get> <${ESCAPED_LINK}>`),
    },
  ])
})

it('slack.renderPlain() is text', () => {
  const { text } = slack.renderPlain(defaultMessage(sampleNotification())) as { text: string }
  assert.ok(text.includes(`\nDownload the core: <${ESCAPED_LINK}>\n`))
})

verdictsOf(slack, [
  { name: 'ok', body: 'ok', kind: 'ok' },
  { name: 'bad blocks', status: 400, body: 'invalid_blocks', kind: 'malformed' },
  { name: 'a bad body', status: 400, body: 'invalid_payload', kind: 'malformed' },
  { name: 'a wrong token', status: 403, body: 'invalid_token', kind: 'failed', hint: /webhookurl/ },
  { name: 'a removed webhook', status: 404, body: 'no_service', kind: 'failed', hint: /webhookurl/ },
  { name: 'a missing channel', status: 404, body: 'channel_not_found', kind: 'failed', hint: /channel/ },
  { name: 'an archived channel', status: 410, body: 'channel_is_archived', kind: 'failed', hint: /channel/ },
  {
    name: 'a forbidding workspace',
    status: 403,
    body: 'action_prohibited',
    kind: 'failed',
    hint: /administrator/,
  },
  { name: 'a rollup error', status: 500, body: 'rollup_error', kind: 'retry' },
  { name: 'ok that was a failure', status: 500, body: 'ok', kind: 'retry' },
  { name: 'the name of a method of objects', status: 400, body: 'constructor', kind: 'failed' },
])
