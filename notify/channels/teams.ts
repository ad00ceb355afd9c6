import { fieldsIn, fieldsOf } from '../../crash/fields.ts'
import type { ChatAnswer } from '../chat-answer.ts'
import type { Fact } from '../facts.ts'
import { fitting } from '../fitting.ts'
import { inUtc, logOf, MARKDOWN, ownTextOf, stackOf, standsAlone } from '../layout.ts'
import { mentionsOf } from '../mention.ts'
import type { Item, Message } from '../message.ts'
import {
  applyRuling,
  MALFORMED,
  OK,
  type Ruling,
  rulingIn,
  type Verdict,
  verdictOfStatus,
} from '../verdict.ts'
import type { Link } from '../web-link.ts'
import type { ChannelOf, ChatBody } from './channel.ts'

// 28 KB: https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
const LONGEST_BODY_BYTES = 27_000

const COLOURS = { red: 'Attention', orange: 'Warning', blue: 'Accent' } as const

/**
 * A workflow of Microsoft Teams ("Post to a channel when a webhook request is received"): an adaptive card. What came
 * from outside stands in runs of a RichTextBlock, which know no markup; only a TextBlock reads Markdown. The signature
 * in its address is all it asks for.
 */
export const teams: ChannelOf<'teams'> = {
  kind: 'teams',
  // Four a second; a workflow may be set to fewer.
  rate: { burst: 4, perSecond: 1 },
  render: message => fitting(message, message => carried(bodyOf(message), message), fits),
  renderPlain: message => fitting(message, message => carried(plainBodyOf(message), message), fits),
  verdict,
}

type Element = Readonly<Record<string, unknown>>

function carried(body: readonly Element[], message: Message): ChatBody {
  const { mentions = [], link } = message
  const entities = mentions.map(id => ({ type: 'mention', text: mention(id), mentioned: { id, name: id } }))
  const actions = link === null ? [] : [{ type: 'Action.OpenUrl', title: link.label, url: link.url }]
  const content = {
    type: 'AdaptiveCard',
    // The newest that all clients of Teams show.
    version: '1.4',
    msteams: { width: 'full', ...(entities.length > 0 && { entities }) },
    body,
    ...(actions.length > 0 && { actions }),
  }
  const contentType = 'application/vnd.microsoft.card.adaptive'
  return { type: 'message', attachments: [{ contentType, content }] }
}

function bodyOf(message: Message): readonly Element[] {
  const { tone, title, reason, lines, items = [], facts, links = [], commands } = message
  const own = markdown(ownTextOf(message, MARKDOWN))
  const called = markdown(mentionsOf(message, mention))
  const [heading, ...said] = logOf(message)
  if (standsAlone(message)) return [...own, ...called]
  return [
    paragraph([run(title, { weight: 'Bolder', size: 'Medium', color: COLOURS[tone] })]),
    ...reason.map(line => paragraph([run(line)])),
    ...code(stackOf(message)),
    ...(heading === undefined ? [] : [paragraph([run(heading)])]),
    ...code(said),
    ...lines.map(line => paragraph([run(line)])),
    ...items.map(itemOf),
    ...facts.map(factOf),
    ...own,
    ...(links.length === 0 ? [] : [paragraph(between(links.map(linkRun)))]),
    ...commands.flatMap(command => code([command])),
    ...smallPrintOf(message).map(line => paragraph([run(line, { isSubtle: true, size: 'Small' })], 'None')),
    ...called,
  ]
}

/** Text alone, for a client or a workflow that refused the card. */
function plainBodyOf(message: Message): readonly Element[] {
  const { title, reason, lines, items = [], facts, links = [], commands } = message
  const called = markdown(mentionsOf(message, mention))
  if (standsAlone(message)) return [...markdown(ownTextOf(message, MARKDOWN)), ...called]
  const texts = [
    ...[title, ...reason, ...stackOf(message), ...logOf(message), ...lines],
    ...items.map(({ text }) => text),
    ...facts.map(({ label, value }) => `${label}: ${value}`),
    ...links.map(({ label, url }) => `${label}: ${url}`),
    ...[...commands, ...smallPrintOf(message)],
  ]
  const own = markdown(ownTextOf(message, MARKDOWN))
  return [...texts.map(text => paragraph([run(text)])), ...own, ...called]
}

/** Nothing in a run is markup. Teams takes none that is empty. */
function run(text: string, more: Element = {}): Element {
  return { type: 'TextRun', text: text || ' ', ...more }
}

function linkRun({ label, url }: Link): Element {
  return run(label, { color: 'Accent', selectAction: { type: 'Action.OpenUrl', url } })
}

function paragraph(inlines: readonly Element[], spacing = 'Small'): Element {
  return { type: 'RichTextBlock', spacing, inlines }
}

/** A block for each line: Teams shows no end of a line within a run. */
function code(lines: readonly string[]): readonly Element[] {
  return lines.map((line, at) =>
    paragraph([run(line, { fontType: 'Monospace' })], at === 0 ? 'Small' : 'None'),
  )
}

function factOf({ label, value }: Fact): Element {
  return paragraph([run(`${label}  `, { weight: 'Bolder' }), run(value)], 'None')
}

function itemOf({ text, links, place }: Item): Element {
  const behind = links.length > 0 ? between(links.map(linkRun)) : place === null ? [] : [run(place)]
  return paragraph(behind.length === 0 ? [run(text)] : [run(`${text} → `), ...behind])
}

function between(runs: readonly Element[]): readonly Element[] {
  return runs.flatMap((one, at) => (at === 0 ? [one] : [run(' · '), one]))
}

/** Markdown is the operator's own, and values in it cannot be markup. */
function markdown(text: string): readonly Element[] {
  return text === '' ? [] : [{ type: 'TextBlock', text, wrap: true }]
}

function smallPrintOf({ core, time, place, footnote }: Message): readonly string[] {
  const first = [core, time === null ? null : inUtc(time)].filter(Boolean).join(' · ')
  return [first, place ?? '', footnote ?? ''].filter(line => line !== '')
}

// https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format#mention-support-within-adaptive-cards
function mention(id: string): string {
  return `<at>${id}</at>`
}

function fits(body: ChatBody): boolean {
  return Buffer.byteLength(JSON.stringify(body)) <= LONGEST_BODY_BYTES
}

const COPY_AGAIN = 'Copy webhookurl again from the workflow, with all that stands behind the question mark.'

// The codes of Power Automate, in `error.code`.
const RULINGS: Readonly<Record<string, Ruling>> = {
  WorkflowNotFound: { kind: 'failed', meaning: 'the workflow was removed', hint: COPY_AGAIN },
  WorkflowTriggerNotFound: { kind: 'failed', meaning: 'the workflow has another trigger', hint: COPY_AGAIN },
  DirectApiAuthorizationRequired: {
    kind: 'failed',
    meaning: 'the signature in the address was refused',
    hint: COPY_AGAIN,
  },
  AuthorizationFailed: {
    kind: 'failed',
    meaning: 'the signature in the address was refused',
    hint: COPY_AGAIN,
  },
  WorkflowTriggerIsNotEnabled: {
    kind: 'failed',
    meaning: 'the workflow is switched off',
    hint: 'Switch the workflow on, and see who owns it: it ends when its owner leaves.',
  },
  TriggerInputSchemaMismatch: MALFORMED,
  InvalidRequestContent: MALFORMED,
}

function verdict({ status, body }: ChatAnswer): Verdict {
  const failure = connectorFailure(body)
  if (failure !== null) return verdictOfStatus(failure)
  // A workflow takes it and answers nothing; a connector of before answers 1.
  if (status === 202 || (status === 200 && body.trim() === '1')) return OK
  if (status === 413) return applyRuling(MALFORMED, 'HTTP 413', '')
  const { code, said } = errorIn(body)
  const ruling = rulingIn(RULINGS, code)
  if (ruling) return applyRuling(ruling, `HTTP ${status}`, said)
  return status === 400 ? applyRuling(MALFORMED, 'HTTP 400', said) : verdictOfStatus(status)
}

/** A connector says failure with 200: "… Microsoft Teams endpoint returned HTTP error 429 …". */
function connectorFailure(body: string): number | null {
  const [, status] = /returned HTTP error (\d{3})\b/.exec(body.slice(0, 1000)) ?? []
  return status === undefined ? null : Number(status)
}

function errorIn(body: string): { readonly code: string; readonly said: string } {
  const { code, message } = fieldsOf(fieldsIn(body)?.error)
  return { code: typeof code === 'string' ? code : '', said: typeof message === 'string' ? message : '' }
}
