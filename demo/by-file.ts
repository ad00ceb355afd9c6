import { openSync, readFileSync, readlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import path from 'node:path'
import { pino } from 'pino'
import { parseConfig } from '../config/parse-config.ts'
import { collect } from '../handler/collect.ts'
import { connect } from '../handler/connect.ts'
import type { Proc } from '../handler/identity/proc.ts'
import type { Notification } from '../notify/notification.ts'
import { CGROUP, POD } from '../test/fakes/checkout-pod.ts'
import { startFakeCri } from '../test/fakes/fake-cri.ts'
import { configuration } from './configuration.ts'
import { coreOf } from './core-of.ts'
import { holdCrash } from './held-crash.ts'
import { processInCore } from './in-core.ts'
import { UntimedPipe } from './untimed-pipe.ts'
import { startVictim, type Victim } from './victim.ts'

/** What the demo has to show. */
export interface Shown {
  readonly notice: Notification
  readonly program: string
  /** What of it was not as on a real node. */
  readonly simulated: string
  /** What to do next. */
  readonly next: string
}

/**
 * The journey without root: a program crashes, its core is read from it before the crash ends it, whatever
 * this machine's kernel does with cores, and from there all is the handler's own code, with a store in
 * `folder` and a runtime that answers over CRI.
 */
export async function collectByFile(folder: string, store: string): Promise<Shown> {
  const victim = await startVictim(folder, { held: true })
  const { proc, core } = await takeCore(victim)
  const runtime = await startFakeCri({ pods: [POD] })
  try {
    const { config } = parseConfig(configuration(folder, store, runtime.socket))
    const told: Notification[] = []
    const notifier = {
      tell: (notification: Notification) =>
        Promise.resolve(
          told
            .splice(0, told.length, notification)
            .map(() => ({ channel: 'demo', outcome: 'sent' as const })),
        ),
    }
    const outside = { ...connect(config, pino({ enabled: false })), proc, notifier }
    await collect(kernelArguments(victim.pid), new UntimedPipe(opened(core, folder)), config, outside)
    const [notification] = told
    if (notification === undefined) throw new Error('Cannot show the message: none was sent')
    return {
      notice: notification,
      program: victim.program,
      simulated: originOf(victim),
      next: '"Install" in README.md for a cluster, or "npm run demo -- --kernel" as root for the real kernel.',
    }
  } finally {
    await runtime.close()
  }
}

async function takeCore(victim: Victim): Promise<{ proc: Proc; core: Buffer }> {
  try {
    const held = await holdCrash(victim)
    const proc = rememberProcess(victim)
    const core = coreOf(held)
    await held.release()
    return { proc: { ...proc, ...processInCore(core) }, core }
  } finally {
    // Where it could not be held or read it is there still.
    victim.process.kill('SIGKILL')
  }
}

function originOf({ compiled }: Victim): string {
  return compiled
    ? 'The crash is real; the demo, not the kernel, read the core from the crashed process'
    : 'Without a C compiler the program is a copy of "sleep", killed by a real SIGSEGV; the demo, not the kernel,\nread the core from it as the signal came, with two of its registers, instruction and stack pointer'
}

/** The process as /proc showed it while it lived, in the cgroup of our pod, and dumping. */
function rememberProcess({ pid }: Victim): Omit<Proc, 'memory' | 'open'> {
  const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'utf8')
  const seen: Record<string, string> = {
    stat: read('stat'),
    status: read('status').replace(/^CoreDumping:\t0$/m, 'CoreDumping:\t1'),
    cmdline: read('cmdline'),
    cgroup: `0::/${CGROUP}\n`,
    exe: readlinkSync(`/proc/${pid}/exe`),
  }
  const look = (file: string) => Promise.resolve(seen[path.basename(file)] ?? null)
  return {
    read: look,
    names: async () => [],
    link: look,
    mappedFiles: async () => null,
    openMemory: async () => null,
  }
}

/** A file of its own, which is gone as soon as it was read. */
function opened(core: Buffer, folder: string): number {
  const file = path.join(folder, 'core')
  writeFileSync(file, core, { mode: 0o600 })
  const fd = openSync(file, 'r')
  unlinkSync(file)
  return fd
}

function kernelArguments(pid: number): string[] {
  const { SIGSEGV } = constants.signals
  return [pid, 'checkout', Math.floor(Date.now() / 1000), SIGSEGV, pid, 1, 0, ''].map(String)
}
