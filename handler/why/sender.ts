import type { KernelArgs } from '../../crash/kernel-args.ts'
import { statusFields } from '../../crash/proc-fields.ts'
import { parseProcStat } from '../../crash/proc-stat.ts'
import type { Sender } from '../../crash/why/reason.ts'
import type { Proc } from '../identity/proc.ts'
import { processIdsIn } from './processes-in-cgroup.ts'

const MOST_ANCESTORS = 16
const MOST_BYTES = 65536

/**
 * The process that sent a signal to one that is held, by its id in that one's own pid namespace. Looked for among
 * its ancestors and the processes of its cgroup, for nothing translates an id but the process itself. `null`: it
 * is none of these, or has ended: one that began after the handler did is another one with its id.
 */
export async function senderOf(
  { pid, threadId = pid }: Pick<KernelArgs, 'pid' | 'threadId'>,
  sentBy: number,
  proc: Proc,
): Promise<Sender | null> {
  if (sentBy === 0) return null
  const thread = `/proc/${pid}/task/${threadId}`
  const crashed = await statusOf(thread, proc)
  const depth = crashed?.ids.length ?? 0
  if (crashed === null || depth === 0) return null
  if (depth === 1) return await livingSender(sentBy, proc)
  const isSender = ({ ids }: Status) => ids[depth - 1] === sentBy
  const ancestor = await ancestorOf(crashed.parent, isSender, proc)
  const found = ancestor ?? (await peerOf(thread, isSender, proc))
  return found === null ? null : await livingSender(found, proc)
}

interface Status {
  /** In the node's pid namespace, and in those below down to its own. */
  readonly ids: readonly number[]
  readonly parent: number
  readonly uid: number
}

async function statusOf(process: string, proc: Proc): Promise<Status | null> {
  const text = await proc.read(`${process}/status`, MOST_BYTES)
  if (text === null) return null
  const fields = statusFields(text)
  const numbers = (name: string) => (fields.get(name) ?? '').split('\t').filter(Boolean).map(Number)
  const [parent = 0, uid = 0] = [numbers('PPid')[0], numbers('Uid')[0]]
  return { ids: numbers('NStgid'), parent, uid }
}

type IsSender = (status: Status) => boolean

async function ancestorOf(parent: number, isSender: IsSender, proc: Proc): Promise<number | null> {
  let pid = parent
  for (let looked = 0; pid > 0 && looked < MOST_ANCESTORS; looked += 1) {
    const status = await statusOf(`/proc/${pid}`, proc)
    if (status === null) return null
    if (isSender(status)) return pid
    pid = status.parent
  }
  return null
}

async function peerOf(thread: string, isSender: IsSender, proc: Proc): Promise<number | null> {
  const pids = await processIdsIn((await proc.read(`${thread}/cgroup`, MOST_BYTES)) ?? '', proc)
  const looked = pids.map(async pid => ({ pid, status: await statusOf(`/proc/${pid}`, proc) }))
  const found = (await Promise.all(looked)).find(({ status }) => status !== null && isSender(status))
  return found?.pid ?? null
}

/** The kernel starts the handler when the signal has come. */
async function livingSender(pid: number, proc: Proc): Promise<Sender | null> {
  const [began, handlerBegan] = [await startTicks(`/proc/${pid}`, proc), await startTicks('/proc/self', proc)]
  if (began === null || handlerBegan === null || began > handlerBegan) return null
  const [comm, status] = [
    await proc.read(`/proc/${pid}/comm`, MOST_BYTES),
    await statusOf(`/proc/${pid}`, proc),
  ]
  if ((await startTicks(`/proc/${pid}`, proc)) !== began) return null
  const name = comm?.replace(/\n$/, '')
  return { pid, ...(name && { comm: name }), ...(status && { uid: status.uid }) }
}

async function startTicks(process: string, proc: Proc): Promise<number | null> {
  const stat = await proc.read(`${process}/stat`, MOST_BYTES)
  return stat === null ? null : (parseProcStat(stat)?.startTicks ?? null)
}
