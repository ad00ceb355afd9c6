import type { KernelArgs } from '../../crash/kernel-args.ts'
import { statusFields } from '../../crash/proc-fields.ts'
import type { Proc } from '../identity/proc.ts'

const MOST_THREADS = 64
const MOST_BYTES = 65536

/**
 * What the threads of a process that is held are called, by their ids in its own pid namespace, which `tids` are;
 * of so many threads as are looked at, some 0.1 ms each.
 */
export async function threadNames(
  { pid, threadId = pid }: Pick<KernelArgs, 'pid' | 'threadId'>,
  tids: readonly number[],
  proc: Proc,
): Promise<ReadonlyMap<number, string>> {
  if (tids.length < 2) return new Map()
  const tasks = `/proc/${pid}/task`
  const crashed = await proc.read(`${tasks}/${threadId}/status`, MOST_BYTES)
  const isInNodes = crashed !== null && idsIn(crashed).length === 1
  const ids = isInNodes ? tids.slice(0, MOST_THREADS).map(String) : await proc.names(tasks, MOST_THREADS)
  const texts = await Promise.all(ids.map(id => proc.read(`${tasks}/${id}/status`, MOST_BYTES)))
  return new Map(texts.filter(text => text !== null).flatMap(nameIn))
}

function idsIn(status: string): readonly number[] {
  return (statusFields(status).get('NSpid') ?? '').split('\t').filter(Boolean).map(Number)
}

/** The kernel writes a line feed in the name as `\n`, and `\` as `\\`. */
function nameIn(status: string): [number, string][] {
  const name = /^Name:\t([^\n]{1,100})/.exec(status)?.[1]
  const tid = idsIn(status).at(-1)
  return name === undefined || tid === undefined ? [] : [[tid, name.replaceAll('\\\\', '\\')]]
}
