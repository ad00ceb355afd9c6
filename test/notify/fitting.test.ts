import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { fitting } from '../../notify/fitting.ts'
import { defaultMessage, type Message, messageFor } from '../../notify/message.ts'
import { inputs } from '../inputs.ts'
import { hostileNotification, LINK, sampleNotification } from './sample-notification.ts'

/** The fullest version of `message` whose JSON has at most `most` characters. */
function within(most: number, message: Message): Message {
  return fitting(
    message,
    shown => shown,
    shown => JSON.stringify(shown).length <= most,
  )
}

const MESSAGE = defaultMessage(sampleNotification())
const ALL = JSON.stringify(MESSAGE).length

it('fitting() leaves a message that fits as it is', () => {
  assert.deepEqual(within(ALL, MESSAGE), MESSAGE)
})

it('fitting() loses one thing after the other, and never what a person needs first', () => {
  const seen: string[] = []
  for (let most = JSON.stringify(RICH).length; most > 640; most -= 5) {
    const shown = within(most, RICH)
    for (const name of lostIn(shown)) if (!seen.includes(name)) seen.push(name)
    assert.deepEqual(
      [shown.title, shown.reason, shown.link, shown.commands, shown.lines[0]?.slice(0, 100)],
      [RICH.title, RICH.reason, RICH.link, RICH.commands, RICH.lines[0]?.slice(0, 100)],
    )
    assert.ok(shown.backtrace.frames.some(({ text }) => text === 'own'))
    assert.match(shown.footnote ?? '', /^CoreDog /)
  }
  assert.deepEqual(seen, [
    'link to the report',
    'lines of the log beyond five',
    'frames beyond three',
    'long values',
    'long lines of the log',
    'the log',
    'the last fact',
    'all facts',
    'place',
    'all links',
    'long lines',
    'the footnote’s end',
    'core and time',
    'further lines',
    'frames around the own one',
  ])
})

/** All that a message may have, with texts long enough to be cut. */
const RICH: Message = {
  ...MESSAGE,
  reason: ['read of a null pointer'],
  log: { heading: 'Last lines of the log:', lines: Array.from({ length: 9 }, () => 'l'.repeat(200)) },
  backtrace: {
    frames: ['raise', 'own', 'main', 'start', 'end'].map(text => ({ text, own: text === 'own' })),
    more: 7,
  },
  lines: [`The core is not whole: ${'x'.repeat(300)}`, 'y'.repeat(300), 'z'.repeat(300)],
  facts: [
    { label: 'Pod', value: 'p'.repeat(200) },
    { label: 'Node', value: 'n'.repeat(200) },
  ],
  links: [
    { label: 'Logs', url: LINK },
    { label: 'Report', url: `${LINK}${'s'.repeat(500)}`, isSpare: true },
  ],
}

function lostIn({
  log,
  backtrace,
  facts,
  place,
  links = [],
  lines,
  footnote,
  core,
  time,
}: Message): string[] {
  const { frames, more } = backtrace
  assert.equal(frames.length + more, frames[0]?.text === 'own' ? 11 : 12)
  const lost: Readonly<Record<string, boolean>> = {
    'link to the report': links.every(({ isSpare }) => isSpare !== true),
    'lines of the log beyond five': (log?.lines.length ?? 0) <= 5,
    'long lines of the log': log?.lines.every(line => line.length <= 160) !== false,
    'the log': log === undefined,
    'frames beyond three': frames.length < 5,
    'long values': facts.every(({ value }) => value.length <= 60),
    'the last fact': facts.length < 2,
    'all facts': facts.length === 0,
    place: place === null,
    'all links': links.length === 0,
    'long lines': lines.every(line => line.length <= 160),
    'the footnote’s end': footnote !== RICH.footnote,
    'core and time': core === null && time === null,
    'further lines': lines.length === 1,
    'frames around the own one': frames.length === 1,
  }
  return Object.keys(lost).filter(name => lost[name])
}

it('fitting() shortens what is left at last, and never link or command', () => {
  const shown = within(600, RICH)
  assert.deepEqual([shown.link, shown.commands], [RICH.link, RICH.commands])
  assert.match(shown.lines[0] ?? '', /^The core is not whole: x+…$/)
})

it('fitting() has the command that needs no link to the program, where it has no room for that link', () => {
  const opened = { label: 'Program', url: `${LINK}&program`, isSpare: true, isOpened: true }
  const message = { ...RICH, links: [opened, ...(RICH.links ?? [])], commandsAlone: ['gdb /app/server core'] }
  const shownIn = (most: number) => {
    const { links = [], commands } = within(most, message)
    return [links.includes(opened), commands === message.commandsAlone]
  }
  assert.deepEqual(shownIn(100_000), [true, false])
  for (let most = ALL; most > 300; most -= 100) assert.deepEqual(new Set(shownIn(most)).size, 2, `${most}`)
  assert.deepEqual(shownIn(600), [false, true])
})

it("fitting() keeps the program's own first frame also where it stands behind three others", () => {
  const frames = ['strlen', 'ffi_call', 'string_at', 'own'].map(text => ({ text, own: text === 'own' }))
  const message = { ...RICH, backtrace: { frames, more: 0 } }
  for (let most = ALL + 2000; most > 640; most -= 50)
    assert.ok(
      within(most, message).backtrace.frames.some(({ own }) => own),
      `${most}`,
    )
})

it('fitting() keeps a command whole or leaves it out', () => {
  for (let most = ALL; most > 0; most -= 25) {
    const { commands } = within(most, MESSAGE)
    assert.ok(commands.length === 0 || commands[0] === MESSAGE.commands[0], commands[0])
  }
  assert.deepEqual(within(300, MESSAGE).commands, [])
})

it('fitting() leaves out a link that fits in no way, and says so', () => {
  const shown = within(ALL, { ...MESSAGE, link: { label: 'x', url: `${LINK}${'x'.repeat(2 * ALL)}` } })
  assert.equal(shown.link, null)
  assert.deepEqual(shown.lines, ['(the download link is too long for this chat)'])
})

it('fitting() uses all the room that there is', () => {
  const wording = { messageTemplate: '崩溃'.repeat(1000), messageLabels: {} }
  const message = messageFor(sampleNotification(), wording)
  for (const most of [500, 1000, 1999]) assert.equal(JSON.stringify(within(most, message)).length, most)
})

it('fitting() finds a version within 2 KB of whatever comes', () => {
  fc.assert(
    fc.property(hostileNotification, notification => {
      assert.ok(JSON.stringify(within(2048, defaultMessage(notification))).length <= 2048)
    }),
    inputs(40),
  )
})
