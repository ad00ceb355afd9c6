import { statusFields } from '../../crash/proc-fields.ts'
import type { Capture } from '../capture.ts'
import type { OpenMemory, Proc } from '../identity/proc.ts'

type Held = Pick<Capture, 'args' | 'observed' | 'core' | 'file'>

/** The memory of a process that the kernel holds; `null`: it is not to be had, or it is not sure whose it would be. */
export async function memoryOf(held: Held, proc: Proc): Promise<OpenMemory | null> {
  const thread = threadOf(held)
  const memory = thread === null ? null : await proc.openMemory(`${thread}/mem`)
  // Looked at when it is open: from then on its id may be another's.
  if (memory === null || (await isStillThere(held, thread, proc))) return memory
  memory.close()
  return null
}

// A mapping has a line of a hundred bytes and its path, and a process 65,530 of them by default.
const LONGEST_MAPS_BYTES = 32 * 1024 * 1024

/** Its proc_pid_maps(5); `null`: as above. */
export async function mapsOf(held: Held, proc: Proc): Promise<Buffer | null> {
  const thread = threadOf(held)
  const maps = thread === null ? null : await proc.read(`${thread}/maps`, LONGEST_MAPS_BYTES)
  if (maps === null || maps.length >= LONGEST_MAPS_BYTES) return null
  return (await isStillThere(held, thread, proc)) ? Buffer.from(maps) : null
}

/** The crashing one: the first may have left. `null`: there is none, or it is not sure that it is this one. */
function threadOf({ args: { pid, threadId = pid }, observed, file }: Held): string | null {
  if (file !== undefined || pid === undefined || observed.unverified !== undefined) return null
  return `/proc/${pid}/task/${threadId}`
}

/** A process that was killed meanwhile may have left its id to another, which would have to be dumping core, too. */
async function isStillThere({ core }: Held, thread: string | null, proc: Proc): Promise<boolean> {
  const status = await proc.read(`${thread}/status`, 65536)
  const fields = statusFields(status ?? '')
  const ownId = fields.get('NStgid')?.split('\t').at(-1)
  return fields.get('CoreDumping') === '1' && Number(ownId) === core.head?.pid
}
