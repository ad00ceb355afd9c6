import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { parseConfig } from '../../config/parse-config.ts'
import type { CrashReport } from '../../crash/report.ts'
import type { Capture } from '../../handler/capture.ts'
import { logLinesOf } from '../../handler/container-log/log-lines.ts'
import { withArguments } from '../../handler/describe.ts'
import { keptLogOf } from '../../handler/kept-log.ts'
import { Secrets } from '../../handler/secrets.ts'
import { clip, plain } from '../../untrusted/plain-text.ts'
import { shownText } from '../../untrusted/shown-text.ts'
import { MemorySink } from '../fakes/memory-sink.ts'
import { inputs } from '../inputs.ts'
import { REPORT } from '../notify/sample-notification.ts'

const IDENTITY = { kind: 'container', podUid: 'uid-1', containerId: 'c', pod: null, container: null } as const
const { config } = parseConfig('StorageConfig: {protocol: cfs, CFSMountPath: /mnt/cfs}')

/** As a program reads it, without what surrounds it: long enough, and none of the words around it. */
const secret = fc
  .oneof(
    fc.string({ minLength: 8, maxLength: 60, unit: 'binary-ascii' }),
    fc.string({ minLength: 8, maxLength: 60, unit: 'grapheme' }),
    fc
      .array(fc.string({ minLength: 16, maxLength: 40 }), { minLength: 2, maxLength: 4 })
      .map(lines => lines.join('\n')),
    fc.base64String({ minLength: 8, maxLength: 3000 }),
  )
  .map(text => text.replaceAll('\0', '').trim())
  .filter(text => Buffer.byteLength(text) >= 8 && !/[*…]/.test(text))
const around = fc.string({ maxLength: 30 }).map(text => text.replaceAll(/[\0*…]/g, ''))

/** How a pod comes by it. */
const SOURCES = {
  file: (value: string) => ({ environment: 'HOME=/', mounted: [`${value}\n`] }),
  variable: (value: string) => ({ environment: `HOME=/\0DOOR_PASSWORD=${value}\0`, mounted: [] }),
  both: (value: string) => ({ environment: `API_KEY=${value}`, mounted: ['another-value', value] }),
} as const

/** Where it stands in what the program leaves. */
const PLACES = {
  argument: (value: string, before: string) => `app\0${before}${value}\0--port\x008080\0`,
  words: (value: string, before: string) => `sh\0-c\0run ${before} ${value} here\0`,
  'long argument': (value: string, before: string) => `app\0${`${before}x`.padEnd(4090, '.')}${value}\0`,
  'UTF-16LE': (value: string) => `app\0\0${shownText(Buffer.from(`<${value}>`, 'utf16le'))}\0`,
} as const

const LONGEST_WORDS = 1024

const planted = fc.record({
  value: secret,
  source: fc.constantFrom(...Object.values(SOURCES)),
  place: fc.constantFrom(...Object.values(PLACES)),
  before: around,
  wordsBefore: fc.nat(LONGEST_WORDS),
})

it('a secret that is known leaves no node beside the core: not in arguments, nor in what the program said', async () => {
  await fc.assert(
    fc.asyncProperty(planted, async ({ value, source, place, before, wordsBefore }) => {
      const { environment, mounted } = source(value)
      const observed = { cgroup: null, environment, commandLine: place(value, before) }
      const secrets = new Secrets(
        { observed, identity: IDENTITY },
        { mountedSecrets: async () => mounted.map(text => Buffer.from(text)) },
      )
      const said = asCopied(`${before.padEnd(wordsBefore, '-')}${value} is wrong`)
      const crash = { abortMessage: said, reason: `uncaught C++ exception a: ${said}` }
      const report = await secrets.blankedIn(
        withArguments({ ...REPORT, crash }, { observed }, config, await secrets.known()),
      )
      assertWithout(report, value)
    }),
    inputs(10000),
  )
})

/** What the program writes before and behind it, with the longest line that is kept among it. */
const LOG_PLACES = {
  line: (value: string, before: string) => Buffer.from(`${before} ${value} is wrong`),
  words: (value: string) => Buffer.from(`start\npanic: no door opens by ${value}`),
  'long line': (value: string, before: string) => Buffer.from(`${before.padEnd(4090, '.')}${value}`),
  'UTF-16LE': (value: string) => Buffer.from(`<${value}>`, 'utf16le'),
} as const

const logged = fc.record({
  value: secret,
  source: fc.constantFrom(...Object.values(SOURCES)),
  place: fc.constantFrom(...Object.values(LOG_PLACES)),
  before: around,
  pieceBytes: fc.integer({ min: 3, max: 5000 }),
})

it('a secret that is known is in no line of a log that leaves the node, and in no word of it that a chat gets', async () => {
  await fc.assert(
    fc.asyncProperty(logged, async ({ value, source, place, before, pieceBytes }) => {
      const { environment, mounted } = source(value)
      const observed = { cgroup: null, environment }
      const secrets = new Secrets(
        { observed, identity: IDENTITY },
        { mountedSecrets: async () => mounted.map(text => Buffer.from(text)) },
      )
      const lines = logLinesOf({ bytes: asLogged(place(value, before), pieceBytes), isWhole: true })
      const capture = { ...CAPTURE, observed, identity: IDENTITY, log: { lines: async () => lines } }
      const kept = await keptLogOf(capture as unknown as Capture, secrets, config, { sink: new MemorySink() })
      assert.ok(kept !== null && kept.text !== '')
      for (const text of [kept.text, ...kept.words]) assertNothingOf(value, text)
    }),
    inputs(10000),
  )
})

const TIME = '2026-11-28T05:00:00.000000000Z'
const CAPTURE = {
  id: '3f2a9c01d4e5',
  time: new Date(TIME),
  node: { name: 'node-1' },
  args: { comm: 'app', pid: 7 },
}

/** As a container runtime writes it: a line in pieces of no more than it reads at once. */
function asLogged(written: Buffer, pieceBytes: number): Buffer {
  const lines = written.toString('latin1').split('\n')
  const pieces = lines.flatMap(line => {
    const parts = line.match(new RegExp(`[^]{1,${pieceBytes}}`, 'g')) ?? ['']
    return parts.map((part, at) => `${TIME} stderr ${at === parts.length - 1 ? 'F' : 'P'} ${part}\n`)
  })
  return Buffer.from(pieces.join(''), 'latin1')
}

/** As crash/why/c-text.ts copies a text from memory. */
function asCopied(text: string): string {
  const shown = plain(text, LONGEST_WORDS)
  return text.length > LONGEST_WORDS ? clip(`${shown}…`, LONGEST_WORDS) : shown
}

function assertWithout({ process, crash }: CrashReport, value: string): void {
  const shown = process?.arguments ?? []
  for (const text of [...shown, shown.join('\0'), crash?.abortMessage ?? '', crash?.reason ?? ''])
    assertNothingOf(value, text)
}

function assertNothingOf(value: string, text: string): void {
  const lines = value.split('\n').map(line => line.trim())
  for (const part of [value, ...lines.filter(line => lines.length > 1 && line.length >= 16)])
    for (const way of [part, shownText(Buffer.from(part, 'utf16le')).replace(/\0$/, ''), plain(part, 40_000)])
      assertWithoutWay(way, text)
}

function assertWithoutWay(way: string, text: string): void {
  assert.ok(!text.includes(way), `${JSON.stringify(way)} in ${JSON.stringify(text)}`)
  assert.ok(!isCutWithin(text, way), `half of ${JSON.stringify(way)} in ${JSON.stringify(text)}`)
}

/** Whether `text` says that it was cut where `value` had begun. */
function isCutWithin(text: string, value: string): boolean {
  const end = text.indexOf('…')
  if (end === -1) return false
  const shown = text.slice(Math.max(0, end - value.length), end)
  return Array.from(value, (_, at) => value.slice(0, at + 8)).some(
    half => half.length >= 8 && shown.endsWith(half),
  )
}
