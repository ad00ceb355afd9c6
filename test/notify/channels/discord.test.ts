import assert from 'node:assert/strict'
import { it } from 'node:test'
import { discord } from '../../../notify/channels/discord.ts'
import { defaultMessage, messageFor } from '../../../notify/message.ts'
import { LINK, REPORT, sampleNotification } from '../sample-notification.ts'
import { verdictsOf } from './verdicts-of.ts'

it('discord.render() makes an embed with a link, and calls nobody', () => {
  const report = { ...REPORT, container: { name: 'a*b' } }
  assert.deepEqual(discord.render(defaultMessage(sampleNotification({ report }))), {
    embeds: [
      {
        title: 'SIGSEGV in prod/web \\(a\\*b\\)',
        description: [
          'SEGV\\_MAPERR, 0x0',
          '```\n· server + 0x401149\n```',
          '**Pod** web\\-0',
          '**Program** /app/server',
          '**Node** node\\-7 \\(10.0.1.7\\)',
          `[Download the core](${LINK})`,
          "```\ngunzip core.gz && gdb -nx -iex 'set auto-load off' /app/server core\n```",
          '-# core of 1.2 GiB, 84 MiB stored · <t:1795234877:f>',
          '-# s3\\://cores/prod/web\\-0/core.gz',
          '-# CoreDog 0.1.0 · crash 3f2a9c01d4e5 · whoever has the link can read the memory of the process',
        ].join('\n'),
        color: 0x2e70d0,
      },
    ],
    allowed_mentions: { parse: [], users: [], roles: [] },
  })
})

it('discord.render() keeps the operator’s markup, and no one else’s', () => {
  const report = { ...REPORT, pod: { name: '@everyone [x](https://evil)' } }
  const messageTemplate = '**{pod.name}** [get]({corefile.url}) {corefile.url}'
  const { embeds } = discord.render(
    messageFor(sampleNotification({ report }), { messageTemplate, messageLabels: {} }),
  ) as { embeds: readonly { description: string }[] }
  assert.equal(
    embeds[0]?.description,
    `**\\@everyone \\[x\\]\\(https\\://evil\\)** [get](${LINK}) [Download the core](${LINK})`,
  )
})

it('discord calls from above the embed, which calls nobody', () => {
  const message = {
    ...defaultMessage(sampleNotification()),
    mentions: ['here', '80351110224678912', '&1655'],
  }
  const { content, allowed_mentions: allowed } = discord.render(message)
  assert.equal(content, '@here <@80351110224678912> <@&1655>')
  assert.deepEqual(allowed, { parse: ['everyone'], users: ['80351110224678912'], roles: ['1655'] })
})

const said = (message: string, code: number) => JSON.stringify({ message, code })

verdictsOf(discord, [
  { name: '204', status: 204, body: '', kind: 'ok' },
  { name: 'the message, where it was waited for', status: 200, body: '{"id":"12"}', kind: 'ok' },
  { name: 'a bad embed', status: 400, body: said('Invalid Form Body', 50035), kind: 'malformed' },
  {
    name: 'an unknown webhook',
    status: 404,
    body: said('Unknown Webhook', 10015),
    kind: 'failed',
    hint: /webhookurl/,
  },
  {
    name: 'a wrong token',
    status: 401,
    body: said('Invalid Webhook Token', 50027),
    kind: 'failed',
    hint: /webhookurl/,
  },
  {
    name: 'a forum',
    status: 400,
    body: said('Webhooks posted to forum channels must …', 220001),
    kind: 'failed',
    hint: /thread_id/,
  },
  {
    name: 'a limit',
    status: 429,
    body: '{"message":"You are being rate limited.","retry_after":1.5}',
    kind: 'retry',
  },
  {
    name: 'the name of a method of objects',
    status: 400,
    body: said('x', 'constructor' as never),
    kind: 'failed',
  },
])

it('discord.verdict() waits as long as Discord says', () => {
  const verdict = discord.verdict({ status: 429, body: '{"message":"limited","retry_after":1.5}' })
  assert.equal(verdict.kind === 'retry' && verdict.afterSeconds, 1.5)
})
