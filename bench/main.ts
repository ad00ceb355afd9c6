import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { ROOT } from '../build/bundle.ts'
import { ignoreClosedReader } from '../crash/closed-reader.ts'
import { messageOf, OperatorError } from '../crash/errors.ts'
import { type Held, measureHeld } from './held.ts'
import { heldCharts } from './held-chart.ts'
import { heldTables } from './held-table.ts'
import { measureKnown } from './known.ts'
import { machine } from './machine.ts'
import { measureMemory } from './memory.ts'
import { HELP, type Options, type Part, parseOptions } from './options.ts'
import { markdown, withPart } from './page.ts'
import { plainText } from './plain-text.ts'
import { plot } from './plot.ts'
import { measureStart } from './start.ts'
import type { Table } from './table.ts'
import { measureTerabyte } from './terabyte.ts'

const PAGE = path.join(ROOT, 'docs/performance.md')
const PLOT = path.join(ROOT, 'docs/performance.svg')

type Measure = (options: Options, signal: AbortSignal) => Promise<readonly Table[]>

const MEASURES: Readonly<Record<Part, Measure>> = {
  held,
  known: async ({ rounds }, signal) => [await measureKnown({ rounds: rounds * 4 + 1 }, signal)],
  start: async ({ rounds }) => [await measureStart({ rounds: rounds * 4 + 1 })],
  memory: async ({ sizeBytes }) => [
    await measureMemory({ sizesMiB: [1 / 4, 2, 16].map(of => of * (sizeBytes / 2 ** 20)) }),
  ],
  terabyte: async ({ sizeBytes }) => [await measureTerabyte({ memoryBytes: 1024 * sizeBytes })],
}

/**
 * Kernel settings, folders and processes of each part go back and away as that part is left, also by an
 * interrupt.
 */
async function main(argv: readonly string[]): Promise<void> {
  const options = parseOptions(argv)
  if (options === null) return void process.stdout.write(HELP)
  const signal = interrupted()
  show([machine()], 'machine', options)
  for (const part of options.parts) {
    signal.throwIfAborted()
    say(`measuring ${part}`)
    show(await MEASURES[part](options, signal), part, options)
  }
}

async function held(options: Options, signal: AbortSignal): Promise<readonly Table[]> {
  const found = await measureHeld(options, signal, say)
  if (options.write) writeFileSync(PLOT, plot('How long a crashed process is held', heldCharts(found)))
  const tables = heldTables(found)
  return tables.map((table, at) =>
    at === 0 ? { ...table, notes: [...table.notes, sentence(found, options)] } : table,
  )
}

function sentence({ way, inMemory }: Held, { rounds }: Options): string {
  const where = inMemory
    ? 'All that is written goes into memory'
    : 'All that is written goes to this machine’s disk'
  return `Medians of ${rounds} ${rounds === 1 ? 'round' : 'rounds'} in turns, the shell helper only once, ${way}. ${where}.`
}

function show(tables: readonly Table[], part: Part | 'machine', { write }: Options): void {
  for (const table of tables) process.stdout.write(`${plainText(table)}\n`)
  if (!write) return
  const text = `${markdown(tables)}\n\n${whenAndHow()}`
  writeFileSync(PAGE, withPart(readFileSync(PAGE, 'utf8'), part, text))
}

function whenAndHow(): string {
  const command = ['npm run bench --', ...process.argv.slice(2)].join(' ').replaceAll('`', '')
  return `Measured on ${new Date().toISOString().slice(0, 10)} by \`${command}\`.`
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
