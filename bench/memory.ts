import { parseArgs } from 'node:util'
import { BenchNode, HANDLER, wholeCore } from './bench-node.ts'
import { plainText } from './plain-text.ts'
import { ScratchFolder } from './scratch-folder.ts'
import { type Sink, sinkStorage, startSink } from './sink.ts'
import { CoreStreamer } from './streamed-core.ts'
import type { Table } from './table.ts'

interface MemoryOptions {
  readonly handler?: string
  /** Of the cores, from small to large. */
  readonly sizesMiB?: readonly number[]
}

interface Case {
  readonly memoryMiB: number
  readonly content: 'zeros' | 'heap'
  readonly compression: 'gzip' | 'zstd'
}

const DEADLINE_SECONDS = 600

/** How much memory the handler takes at most, by the size of the core. Once each: it varies little. */
export async function measureMemory({
  handler = HANDLER,
  sizesMiB = [256, 2048, 16384],
}: MemoryOptions = {}): Promise<Table> {
  using folder = new ScratchFolder()
  await using sink = await startSink()
  const streamer = await CoreStreamer.in(folder.path, handler)
  const rows: string[][] = []
  for (const one of sizesMiB.flatMap(casesOf))
    rows.push(await rowOf(one, streamer, new BenchNode(folder.below('node'), settingsOf(one, sink)), sink))
  return {
    title: 'Memory',
    columns: ['core', 'content', 'compression', 'stored MiB', 'peak MiB', 'seconds'],
    rows,
    notes: [
      'Peak resident memory of the handler while a core streams into S3, which here is a server on the same machine that discards what it gets. A Node that does nothing has some 43 MiB.',
      'Seconds are from exec to its end. The program that makes the core and the server take their part of the CPUs.',
    ],
  }
}

function casesOf(memoryMiB: number): Case[] {
  const contents = ['zeros', 'heap'] as const
  const compressions = ['gzip', 'zstd'] as const
  return contents.flatMap(content => compressions.map(compression => ({ memoryMiB, content, compression })))
}

function settingsOf({ compression }: Case, sink: Sink): object {
  return { StorageConfig: sinkStorage(sink), compression }
}

async function rowOf(one: Case, streamer: CoreStreamer, node: BenchNode, sink: Sink): Promise<string[]> {
  const { seen, report } = await streamer.stream(one, node, sink, DEADLINE_SECONDS)
  const { storedBytes = 0 } = wholeCore(report)
  return [
    one.memoryMiB < 1024 ? `${one.memoryMiB} MiB` : `${one.memoryMiB / 1024} GiB`,
    one.content === 'heap' ? 'heap-like' : one.content,
    one.compression,
    (storedBytes / 2 ** 20).toFixed(1),
    (seen.peakBytes / 2 ** 20).toFixed(0),
    (seen.exitMs / 1000).toFixed(1),
  ]
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { sizes: { type: 'string' }, handler: { type: 'string' } } })
  const { sizes, handler } = values
  const table = await measureMemory({
    ...(sizes !== undefined && { sizesMiB: sizes.split(',').map(Number) }),
    ...(handler !== undefined && { handler }),
  })
  process.stdout.write(plainText(table))
}

if (import.meta.main) await main()
