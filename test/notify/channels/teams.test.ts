import assert from 'node:assert/strict'
import { it } from 'node:test'
import { teams } from '../../../notify/channels/teams.ts'
import { defaultMessage, messageFor } from '../../../notify/message.ts'
import { LINK, REPORT, sampleNotification } from '../sample-notification.ts'
import { verdictsOf } from './verdicts-of.ts'

// biome-ignore lint/suspicious/noExplicitAny: what a chat is sent; a wrong guess throws
const cardOf = (body: any) => body.attachments[0].content

it('teams.render() makes a card in which what came from outside is in runs, which know no markup', () => {
  const report = { ...REPORT, container: { name: '**a**' } }
  const card = cardOf(teams.render(defaultMessage(sampleNotification({ report }))))
  assert.deepEqual(card.body[0], {
    type: 'RichTextBlock',
    spacing: 'Small',
    inlines: [
      {
        type: 'TextRun',
        text: 'SIGSEGV in prod/web (**a**)',
        weight: 'Bolder',
        size: 'Medium',
        color: 'Accent',
      },
    ],
  })
  assert.deepEqual(card.actions, [{ type: 'Action.OpenUrl', title: 'Download the core', url: LINK }])
  assert.ok(card.body.every(({ type }: { type: string }) => type === 'RichTextBlock'))
})

it('teams.render() keeps the operator’s markup, and no one else’s', () => {
  const report = { ...REPORT, pod: { name: '[x](https://evil)<at>all</at>' } }
  const messageTemplate = '**{pod.name}** [get]({corefile.url})'
  const { body } = cardOf(
    teams.render(messageFor(sampleNotification({ report }), { messageTemplate, messageLabels: {} })),
  )
  assert.deepEqual(body, [
    { type: 'TextBlock', text: `**［x］(https://evil)＜at＞all＜/at＞** [get](${LINK})`, wrap: true },
  ])
})

it('teams calls whom its card has both in its text and in its list', () => {
  const message = { ...defaultMessage(sampleNotification()), mentions: ['anna@example.com'] }
  const card = cardOf(teams.render(message))
  assert.equal(card.body.at(-1).text, '<at>anna@example.com</at>')
  const mentioned = { id: 'anna@example.com', name: 'anna@example.com' }
  assert.deepEqual(card.msteams.entities, [{ type: 'mention', text: '<at>anna@example.com</at>', mentioned }])
})

it('teams.renderPlain() has no part that a card may lack', () => {
  const { body } = cardOf(teams.renderPlain(defaultMessage(sampleNotification())))
  const texts = body.map(({ inlines }: { inlines: readonly { text: string }[] }) => inlines[0]?.text)
  assert.ok(texts.includes('Pod: web-0, restarted 2 times before'))
})

const error = (code: string) => JSON.stringify({ error: { code, message: 'words' } })
const connector = (status: number) =>
  `Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error ${status} with ContextId x`

verdictsOf(teams, [
  { name: '202', status: 202, body: '', kind: 'ok' },
  { name: '1', body: '1', kind: 'ok' },
  { name: 'a bad card', status: 400, body: error('TriggerInputSchemaMismatch'), kind: 'malformed' },
  { name: 'a large card', status: 413, body: '', kind: 'malformed' },
  {
    name: 'a bad card, of a connector',
    status: 400,
    body: 'Summary or Text is required.',
    kind: 'malformed',
  },
  {
    name: 'a wrong signature',
    status: 401,
    body: error('DirectApiAuthorizationRequired'),
    kind: 'failed',
    hint: /question mark/,
  },
  {
    name: 'a removed workflow',
    status: 404,
    body: error('WorkflowNotFound'),
    kind: 'failed',
    hint: /webhookurl/,
  },
  {
    name: 'a workflow that is off',
    status: 400,
    body: error('WorkflowTriggerIsNotEnabled'),
    kind: 'failed',
    hint: /on/,
  },
  { name: 'a limit that a connector says with 200', body: connector(429), kind: 'retry', reason: /too many/ },
  { name: 'an outage that a connector says with 200', body: connector(503), kind: 'retry' },
  { name: 'the name of a method of objects', status: 403, body: error('constructor'), kind: 'failed' },
])
