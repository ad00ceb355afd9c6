import { openSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pino } from 'pino'
import { parseConfig } from '../config/parse-config.ts'
import { readCoreHead } from '../crash/core-head.ts'
import { collect } from '../handler/collect.ts'
import { connect } from '../handler/connect.ts'
import { CorePipe } from '../handler/core-pipe.ts'
import type { Proc } from '../handler/proc.ts'
import type { Notice } from '../notify/notice.ts'
import { CGROUP, POD } from '../test/fakes/checkout-pod.ts'
import { elfCore } from '../test/fakes/elf-core.ts'
import { startFakeCri } from '../test/fakes/fake-cri.ts'
import { configuration } from './configuration.ts'
import { startVictim, type Victim } from './victim.ts'

/** What the demo has to show. */
export interface Shown {
  readonly notice: Notice
  readonly program: string
  /** What of it was not as on a real node. */
  readonly simulated: string
}

/**
 * The journey without root: a program crashes, its core is taken from the file that the kernel left, and
 * from there all is the handler's own code, with a store in `folder` and a runtime that answers over CRI.
 */
export async function collectByFile(folder: string, store: string): Promise<Shown> {
  const victim = await startVictim(folder)
  const proc = rememberProcess(victim)
  await victim.crash()
  const { core, origin } = coreOf(victim, folder)
  const runtime = await startFakeCri({ pods: [POD] })
  try {
    const { config } = parseConfig(configuration(folder, store, runtime.socket))
    const told: Notice[] = []
    const notifier = {
      tell: (notice: Notice) =>
        Promise.resolve(
          told.splice(0, told.length, notice).map(() => ({ channel: 'demo', outcome: 'sent' as const })),
        ),
    }
    const outside = { ...connect(config, pino({ enabled: false })), proc, notifier }
    await collect(kernelArguments(core, victim.pid), new CorePipe(openSync(core, 'r')), config, outside)
    const [notice] = told
    if (notice === undefined) throw new Error('Cannot show the message: none was sent')
    return {
      notice,
      program: victim.program,
      simulated: `${origin}; the pod is made up, there is no cluster here`,
    }
  } finally {
    await runtime.close()
  }
}

/** The process as /proc showed it while it lived, in the cgroup of our pod, and dumping. */
function rememberProcess({ pid }: Victim): Proc {
  const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'utf8')
  const seen: Record<string, string> = {
    stat: read('stat'),
    status: read('status').replace(/^CoreDumping:\t0$/m, 'CoreDumping:\t1'),
    cmdline: read('cmdline'),
    cgroup: `0::/${CGROUP}\n`,
    exe: readlinkSync(`/proc/${pid}/exe`),
  }
  const look = (file: string) => Promise.resolve(seen[path.basename(file)] ?? null)
  return { read: look, link: look, memory: () => Promise.resolve(null) }
}

/** The core that the kernel left; where it leaves none, one that we make. */
function coreOf({ pid }: Victim, folder: string): { core: string; origin: string } {
  const left = readdirSync(folder).find(name => name.startsWith('core'))
  if (left !== undefined)
    return { core: path.join(folder, left), origin: 'the core came from a file that the kernel wrote' }
  const made = path.join(folder, 'core.made')
  writeFileSync(made, elfCore({ pid, comm: 'checkout' }))
  const pattern = readFileSync('/proc/sys/kernel/core_pattern', 'utf8').trim()
  return {
    core: made,
    origin: `the core is a small one that the demo made, because core_pattern is "${pattern}"`,
  }
}

function kernelArguments(core: string, pid: number): string[] {
  const read = readCoreHead(readFileSync(core))
  const signal = 'head' in read ? (read.head.signal?.number ?? 11) : 11
  return [pid, 'checkout', Math.floor(Date.now() / 1000), signal, pid, 1, 0, ''].map(String)
}
