import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { bundle } from '../build/bundle.ts'
import { BenchNode, HANDLER, NODE } from './bench-node.ts'
import { Load } from './load.ts'
import { plainText } from './plain-text.ts'
import { ratio } from './ratio.ts'
import { ScratchFolder } from './scratch-folder.ts'
import { sinkStorage, startSink } from './sink.ts'
import { CoreStreamer } from './streamed-core.ts'
import type { Table } from './table.ts'
import type { EndlessRun } from './terabyte-run.ts'

interface TerabyteOptions {
  readonly handler?: string
  readonly memoryBytes?: number
}

const TIB = 2 ** 40
const SMALL_BYTES = 2 ** 30
const DEADLINE_SECONDS = 900
// Several parts of what 1 TiB is cut into.
const SENT_BYTES = 2 ** 30

/** That a core of 1 TiB goes the way of a small one: 10,000 parts at most, and memory that is bounded. */
export async function measureTerabyte({
  handler = HANDLER,
  memoryBytes = TIB,
}: TerabyteOptions = {}): Promise<Table> {
  using load = new Load()
  using folder = new ScratchFolder()
  const program = folder.below('terabyte-run.cjs')
  await bundle('bench/terabyte-run.ts', program)
  const size = nameOf(memoryBytes)
  const simulated = async (filling: string, what: string) => {
    const small = await runEndless(program, filling, SMALL_BYTES)
    const large = await runEndless(program, filling, memoryBytes)
    return [
      [`${nameOf(SMALL_BYTES)} of ${what}, simulated`, ...cells(small, small)],
      [`${size} of ${what}, simulated`, ...cells(large, small)],
    ]
  }
  return {
    title: `A core of ${size}`,
    columns: ['what', 'stored MiB', 'parts', 'MiB of a part', 'peak MiB', '× 1 GiB', 'seconds'],
    rows: [
      ...(await simulated('random', 'random bytes, compression none')),
      ...(await simulated('zeros', 'zeros, gzip')),
      [
        `the handler, compression none, first GiB of ${size}`,
        ...(await sendSome(folder, handler, memoryBytes)),
      ],
    ],
    notes: [
      'Simulated: all of it passes through the handler’s own block ring, codec and multipart writer, in a process of its own, into an object that discards: so there is no pipe, no digest and no network in the seconds. Each part was checked to be where it belongs, of one size but the last, and all of them to be as many bytes as went in.',
      'One part is in memory as a whole, because its bytes are needed once more when the store fails.',
      'Zeros are of a process that reserved all of it and used 1 GiB. Its parts do not follow what it reserved.',
      'The last row is the real program with the real client, which has parts of the size that the whole core would have; its pipe ends after 1 GiB, and nothing is read ahead.',
      load.sentence,
    ],
  }
}

async function runEndless(program: string, filling: string, memoryBytes: number): Promise<EndlessRun> {
  const { stdout } = await execa(NODE, [program, filling, String(memoryBytes)], {
    timeout: DEADLINE_SECONDS * 1000,
    killSignal: 'SIGKILL',
  })
  return JSON.parse(stdout) as EndlessRun // terabyte-run.ts prints one
}

function cells({ parts, partBytes, sizeBytes, peakBytes, seconds }: EndlessRun, small: EndlessRun): string[] {
  const peak = [mebibytes(peakBytes), ratio(peakBytes, small.peakBytes, 2)]
  return [mebibytes(sizeBytes), String(parts), mebibytes(partBytes), ...peak, seconds.toFixed(1)]
}

/** The report says that the core was cut, and that is as it should be. */
async function sendSome(folder: ScratchFolder, handler: string, memoryBytes: number): Promise<string[]> {
  await using sink = await startSink()
  const streamer = await CoreStreamer.in(folder.path, handler)
  const limits = { perWorkload: 0, readAhead: 0 }
  const settings = { StorageConfig: sinkStorage(sink), compression: 'none', limits }
  const node = new BenchNode(folder.below('node'), settings)
  const wanted = { content: 'random', memoryMiB: memoryBytes / 2 ** 20, cutAtBytes: SENT_BYTES } as const
  const { seen, report, parts } = await streamer.stream(wanted, node, sink, DEADLINE_SECONDS)
  const sent = mebibytes(report.core?.storedBytes ?? 0)
  return [
    sent,
    String(parts.length),
    mebibytes(Math.max(...parts)),
    mebibytes(seen.peakBytes),
    '',
    (seen.exitMs / 1000).toFixed(1),
  ]
}

function nameOf(bytes: number): string {
  return bytes < TIB ? `${Math.round(bytes / 2 ** 30)} GiB` : `${Math.round(bytes / TIB)} TiB`
}

function mebibytes(bytes: number): string {
  const mebi = bytes / 2 ** 20
  return mebi.toFixed(mebi < 10 ? 1 : 0)
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { gib: { type: 'string' }, handler: { type: 'string' } } })
  const { gib, handler } = values
  const table = await measureTerabyte({
    ...(gib !== undefined && { memoryBytes: Number(gib) * 2 ** 30 }),
    ...(handler !== undefined && { handler }),
  })
  process.stdout.write(plainText(table))
}

if (import.meta.main) await main()
