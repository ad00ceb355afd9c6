import { writeFile } from 'node:fs/promises'
import type { Logger } from 'pino'
import { messageOf } from '../../crash/errors.ts'
import { codeOf } from '../../crash/system-error.ts'
import type { Host } from '../../handoff/host.ts'
import { makeCgroup } from './handler-cgroup.ts'

/** Of all handlers that read cores which lie as files, at the root of every hierarchy. */
export const READER_CGROUP = 'coredog-reader'

interface ReaderCgroup {
  readonly host: Host
  /** Of all readers together; 0: no limit. */
  readonly memoryBytes: number
  readonly name?: string
  readonly log: Logger
}

/**
 * Moves a reader of core files out of the installer's own cgroup: a forged file may take all the memory that
 * there is, and neither the installer, with spool and outbox, nor a handler of the kernel's is to end by it.
 * Never rejects: without a cgroup of its own a core is stored as well.
 */
export async function moveToReaderCgroup(
  pid: number,
  { host, memoryBytes, name = READER_CGROUP, log }: ReaderCgroup,
): Promise<void> {
  try {
    const { procsFiles } = await makeCgroup(host, { name, memoryBytes, readAheadBytes: 0 })
    for (const file of procsFiles) await writeFile(host.path(file), `${pid}`)
  } catch (cause) {
    // It has ended already.
    if (codeOf(cause) === 'ESRCH') return
    log.debug({ reason: messageOf(cause) }, 'reader of core files stays in the cgroup of the installer')
  }
}
