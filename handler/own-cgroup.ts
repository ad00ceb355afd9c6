import { readdirSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { setPriority } from 'node:os'
import path from 'node:path'
import type { Logger } from 'pino'
import { messageOf } from '../crash/errors.ts'
import { HAND_OVER } from '../crash/hand-over.ts'

// While we work, the crashed process is held, and its container is down. Ten still leaves a tenth of a core
// that others want (weight 110 of 1,024, sched(7)), where there is no cgroup; 19 would leave a hundredth, and
// make minutes of seconds.
const NICE = 10

/**
 * Makes way for the node's own work: the priority of this process is lowered, and it moves into the cgroup
 * that the installer made and named in `runFolder`. Never rejects: a core is worth more than a little CPU.
 *
 * Do not wait for it while a process is held: the kernel moves a process only after an RCU grace period,
 * 10 ms as measured. It happens on a thread of libuv, and meanwhile the dump goes on.
 */
export async function makeWay(runFolder: string, log: Logger): Promise<void> {
  try {
    lowerPriority()
    for (const file of await ownCgroup(runFolder)) await writeFile(file, `${process.pid}`)
  } catch (cause) {
    log.debug({ reason: messageOf(cause) }, 'cgroup not entered')
  }
}

/** Priorities belong to threads on Linux, and Node has started its own by now; later ones inherit. */
function lowerPriority(): void {
  for (const thread of readdirSync('/proc/self/task')) setPriority(Number(thread), NICE)
}

/** Only absolute `cgroup.procs` files: whatever else this file may say, nothing else is written to. */
async function ownCgroup(runFolder: string): Promise<readonly string[]> {
  const text = await readFile(path.join(runFolder, HAND_OVER.cgroup), 'utf8')
  const { procsFiles } = JSON.parse(text) as { procsFiles?: unknown }
  if (!Array.isArray(procsFiles)) return []
  return procsFiles.filter(
    (file): file is string =>
      typeof file === 'string' && path.isAbsolute(file) && path.basename(file) === 'cgroup.procs',
  )
}
