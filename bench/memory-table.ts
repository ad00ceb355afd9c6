import { sizeText } from './core.ts'
import { ratio } from './ratio.ts'
import type { Table } from './table.ts'
import type { Target } from './target.ts'

/** A core of one size that went through a handler. */
export interface MemoryRun {
  readonly content: 'zeros' | 'heap'
  readonly compression: 'gzip' | 'zstd'
  readonly readAhead: 0 | 'auto'
  readonly memoryMiB: number
  readonly storedBytes: number
  readonly peakBytes: number
  /** From exec to its end. */
  readonly seconds: number
  /** The same core, by `cat >/dev/null`. */
  readonly catSeconds: number
}

const COLUMNS = [
  'Core',
  'Content',
  'Compression',
  'Read ahead',
  'Stored MiB',
  'Peak MiB',
  'Against the smallest',
  'Seconds',
  '× cat',
]

export function memoryTable(runs: readonly MemoryRun[], load: string): Table {
  const rows = runs.map(run => [
    sizeText(run.memoryMiB * 2 ** 20),
    run.content === 'heap' ? 'heap-like' : run.content,
    run.compression,
    run.readAhead === 0 ? 'nothing' : 'as by default',
    (run.storedBytes / 2 ** 20).toFixed(1),
    (run.peakBytes / 2 ** 20).toFixed(0),
    growth(run, runs),
    run.seconds.toFixed(1),
    ratio(run.seconds, run.catSeconds, 1),
  ])
  return { title: 'Memory', columns: COLUMNS, rows, notes: [...NOTES, `Once each. ${load}`] }
}

const NOTES = [
  'Peak resident memory of the handler while a core streams into S3, which here is a server on the same machine that discards what it gets. A Node that does nothing has some 43 MiB.',
  'Seconds are from exec to its end. The program that makes the core and the server take their part of the CPUs. × cat is against the same core into `cat >/dev/null`.',
]

const MOST_MIB = 140
const MOST_GROWTH = 1.05

export function memoryTargets(runs: readonly MemoryRun[]): readonly Target[] {
  const flat = runs.filter(({ readAhead }) => readAhead === 0)
  const sizes = `${sizeText(sizeOf(flat[0]))} to ${sizeText(sizeOf(flat.at(-1)))}`
  const most = Math.max(...flat.map(({ peakBytes }) => peakBytes)) / 2 ** 20
  const grown = flat.map(run => ({ run, times: run.peakBytes / peakOfSmallest(run, runs) }))
  const [worst] = grown.toSorted((a, b) => distance(b.times) - distance(a.times))
  return [
    {
      ...{ what: `Peak memory with nothing read ahead, ${sizes}`, wanted: `≤ ${MOST_MIB} MiB` },
      ...{ measured: `${most.toFixed(0)} MiB at most`, isMet: most <= MOST_MIB },
    },
    {
      ...{ what: `The same, against the smallest core, ${sizes}`, wanted: 'within 5 %' },
      measured: worst === undefined ? '' : `${growth(worst.run, runs)} (${nameOf(worst.run)})`,
      isMet: worst !== undefined && distance(worst.times) <= MOST_GROWTH - 1,
    },
  ]
}

const distance = (times: number): number => Math.abs(times - 1)

function nameOf({ memoryMiB, content, compression }: MemoryRun): string {
  return `worst: ${sizeText(memoryMiB * 2 ** 20)}, ${content === 'heap' ? 'heap-like' : content}, ${compression}`
}

const sizeOf = (run: MemoryRun | undefined): number => (run?.memoryMiB ?? 0) * 2 ** 20

function growth(run: MemoryRun, runs: readonly MemoryRun[]): string {
  const percent = Math.round((run.peakBytes / peakOfSmallest(run, runs) - 1) * 100)
  return `${percent < 0 ? '−' : '+'}${Math.abs(percent)} %`
}

/** Of the same content, compression and budget, the first: sizes grow. */
function peakOfSmallest(run: MemoryRun, runs: readonly MemoryRun[]): number {
  const isAlike = (one: MemoryRun) =>
    one.content === run.content && one.compression === run.compression && one.readAhead === run.readAhead
  return runs.find(isAlike)?.peakBytes ?? run.peakBytes
}
