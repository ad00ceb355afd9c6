import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Dump } from '../config/config.ts'
import { CORE_PATTERN_ARGS } from '../crash/kernel-args.ts'
import { isRoot, openArena } from './arena.ts'
import { HANDLER } from './bench-node.ts'
import { type Contestant, type Place, quoted } from './contestant.ts'
import type { Core } from './core.ts'
import { Load } from './load.ts'
import { median } from './median.ts'
import { runOnce } from './run.ts'
import type { Table } from './table.ts'

/** Small, so that it is next to nothing beside what is done at a crash of any size. */
const CORE: Core = { name: 'heap', title: 'Heap-like memory', kind: 'heap', sizeBytes: 2 ** 20 }
/** So large that it is most of what is done. */
const LARGE: Core = { ...CORE, name: 'large heap', sizeBytes: 2 ** 29 }

interface Crash extends Contestant {
  readonly core: Core
  readonly logFile: string
  /** The line of the log that shows that it was as it was meant. */
  readonly says: 'crash stored' | 'crash suppressed'
}

/**
 * How long a process is held whose crash is known: one like it was kept; and one of which nothing is known, with
 * and without the look for why. In turns, through the kernel.
 */
export async function measureKnown({ rounds }: { rounds: number }, signal: AbortSignal): Promise<Table> {
  if (!isRoot()) return tableOf(new Map(), ['Left out: it takes root, to crash through the kernel.'])
  const options = { pipe: false, composer: null }
  await using arena = await openArena({ options, neededBytes: 2 * LARGE.sizeBytes, signal })
  const { place, way } = arena
  using load = new Load()
  const held = new Map(crashesIn(place).map(crash => [crash, [] as number[]]))
  // The first round makes the crash known, and does not count.
  for (let round = 0; round <= rounds; round += 1)
    for (const [crash, before] of held) {
      signal.throwIfAborted()
      const { heldSeconds } = await runOnce(crash, crash.core, { place, way, checked: false })
      const said = lastMessageIn(crash.logFile)
      if (round === 0) continue
      if (said !== crash.says) throw new Error(`Cannot measure "${crash.name}": the handler said ${said}`)
      before.push(heldSeconds * 1000)
    }
  const turns = `Medians of ${rounds} rounds, taken in turns, through the kernel, of a core of 1 MiB; of the large ones 512 MiB.`
  return tableOf(new Map([...held].map(([{ name }, times]) => [name, times])), [
    `${turns} ${load.sentence}`,
    ...NOTES,
  ])
}

function crashesIn(place: Place): readonly Crash[] {
  // Of the first process of the node: it does not dump, so what is read of it is not believed, nor looked at.
  const elsewhere = CORE_PATTERN_ARGS.replace('%P', '1')
  return [
    crashOf('first crash, not looked at', place, { kernelArguments: elsewhere }),
    crashOf('first crash', place, {}),
    crashOf('known crash', place, { window: '1h', says: 'crash suppressed' }),
    crashOf('large crash', place, { core: LARGE }),
    crashOf('large crash, stacks only', place, { core: LARGE, dump: 'stacks' }),
  ]
}

function crashOf(
  name: string,
  { scratch }: Place,
  {
    kernelArguments = CORE_PATTERN_ARGS,
    window = '0s',
    says = 'crash stored',
    core = CORE,
    dump = 'full',
  }: { kernelArguments?: string; window?: string; says?: Crash['says']; core?: Core; dump?: Dump },
): Crash {
  const folder = scratch.folder(name)
  const node = path.join(scratch.output, `${name} on its node`)
  mkdirSync(node, { recursive: true, mode: 0o700 })
  const below = (file: string) => path.join(node, file)
  const settings = {
    StorageConfig: { protocol: 'cfs', CFSMountPath: folder },
    collect: { pods: 'all', hostProcesses: 'collect', dump },
    dedupe: { window },
    limits: { perWorkload: 0 },
    cri: { sockets: [] },
    paths: { log: below('handler.log'), state: below('state'), run: below('run') },
  }
  writeFileSync(below('coredog.yaml'), JSON.stringify(settings), { mode: 0o600 })
  return {
    ...{ name, core, folder, kernelArguments, says, logFile: below('handler.log') },
    ...{ peers: [], metered: true, rounds: Number.POSITIVE_INFINITY, unpack: null },
    command: `${quoted(HANDLER)} ${quoted(`--config=${below('coredog.yaml')}`)} "$@"`,
  }
}

function lastMessageIn(logFile: string): string {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n')
  rmSync(logFile)
  return (JSON.parse(lines.at(-1) ?? '{}') as { msg?: string }).msg ?? 'nothing'
}

const NOTES = [
  'Held is the time from the fault to when the parent of the process has waited for it: the kernel has started the handler meanwhile, by way of a shell and of the program that measures it, which takes some milliseconds.',
  'Not looked at is a crash of which it is not certain which process it was: no memory is read, and nothing waited for.',
]

function tableOf(held: ReadonlyMap<string, readonly number[]>, notes: readonly string[]): Table {
  const [base = []] = held.values()
  const rows = [...held].map(([name, times]) => [
    name,
    ...[median(times), Math.min(...times), Math.max(...times)].map(time => time.toFixed(1)),
    (median(times) / median(base)).toFixed(2),
  ])
  const columns = ['Crash', 'held, median ms', 'fastest ms', 'slowest ms', '× not looked at']
  return { title: 'Known', columns, rows, notes }
}
