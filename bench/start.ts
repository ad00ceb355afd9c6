import path from 'node:path'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { POD } from '../test/fakes/checkout-pod.ts'
import { startFakeCri } from '../test/fakes/fake-cri.ts'
import { parseSeenRun } from './as-kernel.ts'
import { BenchNode, HANDLER, NODE, wholeCore } from './bench-node.ts'
import { compile } from './compile.ts'
import { Load } from './load.ts'
import { plainText } from './plain-text.ts'
import { PretendedCrash } from './pretended-crash.ts'
import { ScratchFolder } from './scratch-folder.ts'
import { sinkStorage, startSink } from './sink.ts'
import { type StartSample, startRows } from './start-rows.ts'
import { HOST_CRASH, IDLE, POD_CRASH, startTargets } from './start-targets.ts'
import type { Table } from './table.ts'
import type { Measured } from './target.ts'

interface StartOptions {
  readonly rounds?: number
  readonly handler?: string
}

const CORE_BYTES = 300 * 1024
const DEADLINE_MS = 60_000

/** What starts takes turns, so that whatever else the machine does hits all of them alike. */
interface Contestant {
  readonly name: string
  start(): Promise<StartSample>
}

/** Whom a crash can be of, and where it can go. */
interface Scene {
  readonly asKernel: string
  readonly handler: string
  readonly crash: PretendedCrash
  readonly host: BenchNode
  readonly pod: BenchNode
  /** Why there can be no crash; `null`: there can. */
  readonly obstacle: string | null
}

/** How soon the handler is there, against a Node that does nothing. */
export async function measureStart({ rounds = 21, handler = HANDLER }: StartOptions = {}): Promise<Measured> {
  using load = new Load()
  using folder = new ScratchFolder()
  await using cleanUp = new AsyncDisposableStack()
  await using sink = await startSink()
  const runtime = await startFakeCri({ pods: [POD] })
  cleanUp.defer(() => runtime.close())
  const scene = {
    asKernel: await compile('as-kernel', folder.path),
    handler,
    crash: new PretendedCrash(folder.below('crash'), CORE_BYTES),
    host: new BenchNode(folder.below('host'), {}),
    pod: new BenchNode(folder.below('pod'), {
      StorageConfig: sinkStorage(sink),
      cri: { sockets: [runtime.socket] },
    }),
    obstacle: await PretendedCrash.obstacle(),
  }
  const samples = await inTurns(contestantsIn(scene), rounds)
  const table = tableOf(samples, rounds, scene.obstacle)
  return {
    tables: [{ ...table, notes: [...table.notes, load.sentence] }],
    targets: startTargets(samples),
  }
}

function contestantsIn(scene: Scene): readonly Contestant[] {
  const { asKernel, handler, obstacle } = scene
  const idle = [
    { name: IDLE, start: () => see([asKernel, 'none', NODE, '-e', '0']) },
    { name: 'coredog-handler --version', start: () => see([asKernel, 'none', handler, '--version']) },
  ]
  return obstacle === null ? [...idle, ...crashesIn(scene)] : idle
}

function crashesIn({ asKernel, handler, crash, host, pod }: Scene): readonly Contestant[] {
  const ofHost = () => crash.command('host', asKernel, handler, host.configFile)
  const ofPod = () => crash.command('pod', asKernel, handler, pod.configFile)
  return [
    { name: HOST_CRASH, start: () => handle(host, ofHost()) },
    { name: POD_CRASH, start: () => handle(pod, ofPod(), POD.name) },
  ]
}

/** The first round warms what will be warm on a node that has seen a crash before, and does not count. */
async function inTurns(
  contestants: readonly Contestant[],
  rounds: number,
): Promise<Map<string, StartSample[]>> {
  const samples = new Map<string, StartSample[]>(contestants.map(({ name }) => [name, []]))
  for (let round = 0; round <= rounds; round += 1) {
    for (const { name, start } of contestants) {
      const sample = await start()
      if (round > 0) samples.get(name)?.push(sample)
    }
  }
  return samples
}

async function see([program = '', ...others]: readonly string[]): Promise<StartSample> {
  const { stdout } = await execa(program, others, { timeout: DEADLINE_MS, killSignal: 'SIGKILL' })
  return parseSeenRun(stdout)
}

async function handle(node: BenchNode, command: readonly string[], podName?: string): Promise<StartSample> {
  const seen = await see(command)
  const { storedAtMs, report } = node.takeStored()
  wholeCore(report)
  if (report.pod?.name !== podName || report.unidentified !== undefined)
    throw new Error(`Cannot measure a crash of nobody: ${report.unidentified ?? report.pod?.name}`)
  return {
    ...seen,
    saidFirstReadMs: (report.timing?.startSeconds ?? Number.NaN) * 1000,
    storedMs: storedAtMs - seen.startedAtMs,
  }
}

function tableOf(
  samples: ReadonlyMap<string, readonly StartSample[]>,
  rounds: number,
  obstacle: string | null,
): Table {
  return {
    title: 'Start',
    columns: ['From exec to', 'median ms', 'fastest ms', 'slowest ms', '× node -e 0', 'peak MiB'],
    rows: startRows(samples),
    notes: obstacle === null ? [roundsOf(rounds), ...NOTES] : [roundsOf(rounds), leftOut(obstacle)],
  }
}

function roundsOf(rounds: number): string {
  return `Medians of ${rounds} rounds, taken in turns. Time is from exec, and seen from outside.`
}

const NOTES = [
  `The core has ${CORE_BYTES / 1024} KiB; its pipe is full when the handler starts, and takes more as soon as it reads.`,
  '“As it says” is timing.startSeconds of its report, whose clock starts when V8 does, some milliseconds after exec.',
  'The process is a pretended one, which /proc shows in a pod and dumping; the container runtime and S3 are programs of this benchmark that answer at once.',
]

function leftOut(obstacle: string): string {
  return `The handler at a crash was left out: a crash is pretended in a mount namespace, and this machine lets us make none (${obstacle}).`
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rounds: { type: 'string' }, handler: { type: 'string' } } })
  const { tables } = await measureStart({
    ...(values.rounds !== undefined && { rounds: Number(values.rounds) }),
    ...(values.handler !== undefined && { handler: path.resolve(values.handler) }),
  })
  for (const table of tables) process.stdout.write(plainText(table))
}

if (import.meta.main) await main()
