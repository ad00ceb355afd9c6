import { parseArgs } from 'node:util'
import { BenchNode, HANDLER, wholeCore } from './bench-node.ts'
import { Load } from './load.ts'
import { type MemoryRun, memoryTable, memoryTargets } from './memory-table.ts'
import { plainText } from './plain-text.ts'
import { ScratchFolder } from './scratch-folder.ts'
import { type Sink, sinkStorage, startSink } from './sink.ts'
import { CoreStreamer } from './streamed-core.ts'
import type { Measured } from './target.ts'

interface MemoryOptions {
  readonly handler?: string
  /** Of the cores, from small to large. */
  readonly sizesMiB?: readonly number[]
}

interface Series {
  readonly content: 'zeros' | 'heap'
  readonly compression: 'gzip' | 'zstd'
  /** As in limits.readAhead: what is read ahead comes on top of what a core of any size takes. */
  readonly readAhead: 0 | 'auto'
}

const SERIES: readonly Series[] = [
  { content: 'zeros', compression: 'gzip', readAhead: 0 },
  { content: 'zeros', compression: 'zstd', readAhead: 0 },
  { content: 'heap', compression: 'gzip', readAhead: 0 },
  { content: 'heap', compression: 'zstd', readAhead: 0 },
  { content: 'heap', compression: 'gzip', readAhead: 'auto' },
]

const DEADLINE_SECONDS = 600

/** How much memory the handler takes at most, by the size of the core. Once each: it varies little. */
export async function measureMemory({
  handler = HANDLER,
  sizesMiB = [256, 1024, 4096, 16384],
}: MemoryOptions = {}): Promise<Measured> {
  using load = new Load()
  using folder = new ScratchFolder()
  await using sink = await startSink()
  const streamer = await CoreStreamer.in(folder.path, handler)
  const limit = new Map<string, number>()
  const runs: MemoryRun[] = []
  for (const series of SERIES)
    for (const memoryMiB of sizesMiB) {
      const wanted = { content: series.content, memoryMiB }
      const name = `${series.content} ${memoryMiB}`
      const catSeconds = limit.get(name) ?? (await streamer.drain(wanted, DEADLINE_SECONDS))
      limit.set(name, catSeconds)
      const node = new BenchNode(folder.below('node'), settingsOf(series, sink))
      runs.push({ ...series, memoryMiB, catSeconds, ...(await runOf(wanted, streamer, node, sink)) })
    }
  return { tables: [memoryTable(runs, load.sentence)], targets: memoryTargets(runs) }
}

function settingsOf({ compression, readAhead }: Series, sink: Sink): object {
  return { StorageConfig: sinkStorage(sink), compression, limits: { perWorkload: 0, readAhead } }
}

async function runOf(
  wanted: { readonly content: 'zeros' | 'heap'; readonly memoryMiB: number },
  streamer: CoreStreamer,
  node: BenchNode,
  sink: Sink,
): Promise<Pick<MemoryRun, 'storedBytes' | 'peakBytes' | 'seconds'>> {
  const { seen, report } = await streamer.stream(wanted, node, sink, DEADLINE_SECONDS)
  const { storedBytes = 0 } = wholeCore(report)
  return { storedBytes, peakBytes: seen.peakBytes, seconds: seen.exitMs / 1000 }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { sizes: { type: 'string' }, handler: { type: 'string' } } })
  const { sizes, handler } = values
  const { tables } = await measureMemory({
    ...(sizes !== undefined && { sizesMiB: sizes.split(',').map(Number) }),
    ...(handler !== undefined && { handler }),
  })
  for (const table of tables) process.stdout.write(plainText(table))
}

if (import.meta.main) await main()
