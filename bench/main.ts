import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { ROOT } from '../build/bundle.ts'
import { ignoreClosedReader } from '../crash/closed-reader.ts'
import { messageOf, OperatorError } from '../crash/errors.ts'
import { HANDLER } from './bench-node.ts'
import { measureBusy } from './busy.ts'
import { COMPOSER } from './composer.ts'
import { measureDebug } from './debug.ts'
import { simulateFleet } from './fleet/fleet.ts'
import { buildIfStale } from './handler-build.ts'
import { type Held, measureHeld } from './held.ts'
import { heldCharts } from './held-chart.ts'
import { heldTables } from './held-table.ts'
import { heldTargets } from './held-targets.ts'
import { measureInstaller } from './installer/installer.ts'
import { measureKnown } from './known.ts'
import { measureList } from './list.ts'
import { machine } from './machine.ts'
import { measureMemory } from './memory.ts'
import { HELP, type Options, type Part, parseOptions } from './options.ts'
import { commandLine, markdown, withPart } from './page.ts'
import { plainText } from './plain-text.ts'
import { plot } from './plot.ts'
import { measuredCommit } from './provenance.ts'
import { measureScrub } from './scrub.ts'
import type { Measure, Session } from './session.ts'
import { measureSlowStore } from './slow-store.ts'
import { measureStart } from './start.ts'
import { measureStorm } from './storm.ts'
import type { Table } from './table.ts'
import { type Measured, type Target, targetTable } from './target.ts'
import { measureTerabyte } from './terabyte.ts'

/** Tables are the same in both languages. */
const LANGUAGES = ['docs', 'docs/zh-CN'].map(folder => path.join(ROOT, folder))
const PLOT = path.join(ROOT, 'docs/performance.svg')

const MEASURES: Readonly<Record<Part, Measure>> = {
  held,
  storm: measureStorm,
  'slow-store': measureSlowStore,
  busy: measureBusy,
  known: async ({ options, signal }) => only(await measureKnown({ rounds: many(options) }, signal)),
  scrub: measureScrub,
  start: ({ options }) => measureStart({ rounds: many(options) }),
  memory: ({ options: { sizeBytes } }) =>
    measureMemory({ sizesMiB: [1 / 4, 1, 4, 16].map(of => of * (sizeBytes / 2 ** 20)) }),
  debug: measureDebug,
  list: measureList,
  fleet: simulateFleet,
  installer: measureInstaller,
  terabyte: async ({ options }) => only(await measureTerabyte({ memoryBytes: 1024 * options.sizeBytes })),
}

/** What takes milliseconds is done more often. */
const many = ({ rounds }: Options): number => rounds * 4 + 1

const only = (table: Table): Measured => ({ tables: [table], targets: [] })

/**
 * Kernel settings, folders and processes of each part go back and away as that part is left, also by an
 * interrupt.
 */
async function main(argv: readonly string[]): Promise<void> {
  const options = parseOptions(argv)
  if (options === null) return void process.stdout.write(HELP)
  const session = { options, signal: interrupted(), say }
  const show = options.write ? writer(measuredCommit()) : print
  // Each part measures it, and the machine says how it compresses.
  if (options.parts.some(part => part !== 'fleet')) await buildIfStale(HANDLER)
  if (!options.parts.every(isOfFleet)) show('machine', [machine()])
  const targets: Target[] = []
  const lastLines: string[] = []
  for (const part of options.parts) {
    session.signal.throwIfAborted()
    say(`measuring ${part}`)
    const found = await MEASURES[part](session)
    show(part, found.tables)
    targets.push(...found.targets)
    if (found.lastLine !== undefined) lastLines.push(found.lastLine)
  }
  // Most of them are about what is held; the page's are of one run.
  if (options.parts.includes('held')) show('targets', [targetTable(targets)])
  else print('targets', [targetTable(targets)])
  for (const line of lastLines) process.stdout.write(`${line}\n`)
}

async function held(session: Session): Promise<Measured> {
  const { options } = session
  const found = await measureHeld(session)
  if (options.write) writeFileSync(PLOT, plot('How long a crashed process is held', heldCharts(found)))
  const tables = heldTables(found).map((table, at) =>
    at === 0 ? { ...table, notes: [...table.notes, sentence(found, options)] } : table,
  )
  return { tables, targets: heldTargets(found) }
}

function sentence({ way, inMemory }: Held, { rounds }: Options): string {
  const where = inMemory
    ? 'All that is written goes into memory'
    : 'All that is written goes to this machine’s disk'
  return `Medians of ${rounds} ${rounds === 1 ? 'round' : 'rounds'} in turns, the shell helper and ${COMPOSER} only once, ${way}. ${where}.`
}

type Place = Part | 'machine' | 'targets'
type Show = (place: Place, tables: readonly Table[]) => void

/** What is on the page of many nodes, which no machine makes faster. */
const isOfFleet = (place: Place): boolean => place === 'fleet' || place === 'installer'

const print: Show = (_, tables) => {
  for (const table of tables) process.stdout.write(`${plainText(table)}\n`)
}

function writer(commit: string): Show {
  const command = commandLine(process.argv.slice(2))
  return (place, tables) => {
    print(place, tables)
    const when = new Date().toISOString().slice(0, 10)
    const text = `${markdown(tables)}\n\nMeasured on ${when} of commit ${commit} by \`${command}\`.`
    for (const folder of LANGUAGES) {
      const page = path.join(folder, isOfFleet(place) ? 'fleet.md' : 'performance.md')
      writeFileSync(page, withPart(readFileSync(page, 'utf8'), place, text))
    }
  }
}

function interrupted(): AbortSignal {
  const over = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // Not once(): execa's own listener ends us as soon as it is alone.
    process.on(name, () => {
      if (over.signal.aborted) process.kill(process.pid, 'SIGKILL')
      say('putting everything back; once more to stop at once')
      over.abort(new Error(`Stopped by ${name}`))
    })
  }
  return over.signal
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

ignoreClosedReader()
try {
  await main(process.argv.slice(2))
} catch (thrown) {
  say(messageOf(thrown))
  if (thrown instanceof OperatorError) say(thrown.hint)
  process.exitCode = 1
}
