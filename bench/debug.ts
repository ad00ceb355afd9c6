import path from 'node:path'
import { execa } from 'execa'
import { ROOT } from '../build/bundle.ts'
import { CRASH, storeCrash } from './debug-crash.ts'
import { median } from './median.ts'
import { programNamed } from './runtimes.ts'
import { Scratch } from './scratch.ts'
import { serveFolder } from './served-folder.ts'
import type { Session } from './session.ts'
import type { Table } from './table.ts'
import { type Measured, notMeasured, type Target } from './target.ts'

const KUBECTL_COREDOG = path.join(ROOT, 'dist/kubectl-coredog')
const STORE = { bytesPerSecond: 50e6, latencyMs: 20 }
const WANTED_SECONDS = 10
const NEEDS = ['g++', 'gdb', 'ldd']
const WHAT = 'From a message to a backtrace, 100 MiB from a store of 50 MB/s and 20 ms'

/** How long `kubectl coredog debug` takes until gdb has shown the stack: at first, and with all in the cache. */
export async function measureDebug({ options, signal, say }: Session): Promise<Measured> {
  const missing = NEEDS.filter(program => programNamed(program) === null)
  if (missing.length > 0) return left(`${missing.join(', ')} is not installed`)
  const memoryBytes = Math.round(options.sizeBytes / 10.24)
  using scratch = new Scratch(6 * memoryBytes)
  const folder = scratch.folder('store')
  const storedBytes = await storeCrash(path.join(folder, 'corefiles'), scratch.programs, memoryBytes)
  await using store = await serveFolder(folder, STORE)
  const [first, again]: [number[], number[]] = [[], []]
  for (let round = 1; round <= options.rounds; round += 1) {
    signal.throwIfAborted()
    say(`debug, round ${round}`)
    const cache = scratch.folder('cache')
    for (const times of [first, again]) times.push(await opened(store.endpoint, cache))
  }
  return { tables: [tableOf(storedBytes, first, again)], targets: [targetOf(first)] }
}

/** Seconds. */
async function opened(endpoint: string, cache: string): Promise<number> {
  const store = ['--bucket', 's3://cores/corefiles', '--endpoint', endpoint, '--region', 'us-east-1']
  const env = { XDG_CACHE_HOME: cache, AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench-secret' }
  const from = performance.now()
  const command = ['debug', ...CRASH, ...store, '--batch', '-ex', 'backtrace']
  const { stdout, stderr } = await execa(KUBECTL_COREDOG, command, { env })
  const seconds = (performance.now() - from) / 1000
  if (!/^#0 .*Basket::total[\s\S]*^#1 .*pay[\s\S]*^#2 .*main/m.test(stdout))
    throw new Error(`Cannot measure what shows no stack: ${stderr}\n${stdout}`)
  return seconds
}

function tableOf(storedBytes: number, first: readonly number[], again: readonly number[]): Table {
  const row = (name: string, times: readonly number[]) => [
    name,
    ...[median(times), Math.min(...times), Math.max(...times)].map(time => time.toFixed(2)),
  ]
  const mebibytes = (storedBytes / 2 ** 20).toFixed(0)
  const alone = (storedBytes / STORE.bytesPerSecond).toFixed(2)
  return {
    title: `\`kubectl coredog debug\`: ${mebibytes} MiB of core, of a store of 50 MB/s that answers after 20 ms`,
    columns: ['', 'Until the backtrace s', 'Least s', 'Most s'],
    rows: [row('nothing is in the cache', first), row('again', again)],
    notes: [
      `Medians of ${first.length} rounds, of a C++ program whose pod, image and file are gone: core, program and libraries come from the store (for the core alone, ${alone} s at that speed), and gdb shows functions, files and lines.`,
    ],
  }
}

function targetOf(first: readonly number[]): Target {
  const seconds = median(first)
  const measured = `${seconds.toFixed(2)} s`
  return { what: WHAT, wanted: `≤ ${WANTED_SECONDS} s`, measured, isMet: seconds <= WANTED_SECONDS }
}

function left(why: string): Measured {
  return { tables: [], targets: [notMeasured(WHAT, `≤ ${WANTED_SECONDS} s`, why)] }
}
