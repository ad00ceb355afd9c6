import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { statusFields } from '../../crash/proc-fields.ts'
import { signalName } from '../../crash/signal.ts'
import type { ProcessView } from '../../node-view/pod-view.ts'
import { containerOf } from './node-processes.ts'

/** Those that end in a core, unless the process has them do something else: signal(7). */
const CORE_SIGNALS = [3, 4, 5, 6, 7, 8, 11, 31]

/**
 * What decides whether a crash of process `pid` makes a core; `null`: it has ended, or its number is another's by
 * now.
 */
export async function processFacts(
  procFolder: string,
  pid: number,
  containerId: string,
): Promise<ProcessView | null> {
  const folder = path.join(procFolder, `${pid}`)
  const read = (name: string) => readFile(path.join(folder, name), 'utf8').catch(() => '')
  const [status, limits, filter, uidMap, owner] = await Promise.all([
    read('status'),
    read('limits'),
    read('coredump_filter'),
    read('uid_map'),
    // Not of the folder: that one is the process's own in any case.
    stat(path.join(folder, 'status')).then(
      ({ uid }) => uid,
      () => null,
    ),
  ])
  if (owner === null || (await containerOf(procFolder, pid)) !== containerId) return null
  return factsIn({ status, limits, filter, uidMap, owner })
}

/** Texts of `/proc/<pid>/`, and whose the files there are. */
interface ProcTexts {
  readonly status: string
  readonly limits: string
  readonly filter: string
  readonly uidMap: string
  readonly owner: number
}

/** `null`: a zombie, of which no core is made any more, or no process. */
export function factsIn({ status, limits, filter, uidMap, owner }: ProcTexts): ProcessView | null {
  const fields = statusFields(status)
  const pid = Number(fields.get('NSpid')?.split('\t').at(-1))
  if (!Number.isSafeInteger(pid) || /^[ZX]/.test(fields.get('State') ?? 'X')) return null
  return {
    pid,
    coreLimitBytes: coreLimitIn(limits),
    dumpable: dumpableBy(owner, fields.get('Uid'), rootIn(uidMap)),
    coreDumpFilter: /^[0-9a-f]{1,16}$/.exec(filter.trim())?.[0] ?? null,
    ignores: coreSignalsIn(fields.get('SigIgn')),
    handles: coreSignalsIn(fields.get('SigCgt')),
  }
}

function coreLimitIn(limits: string): number | null {
  const soft = /^Max core file size +(\d{1,20}) /m.exec(limits)?.[1]
  return soft === undefined ? null : Number(soft)
}

/** Who is root in its user namespace, by user_namespaces(7): the first line maps it. */
function rootIn(uidMap: string): number {
  const [inside, outside] = uidMap.trim().split(/ +/, 2)
  return inside === '0' ? Number(outside) : 0
}

/**
 * The kernel gives the files of a process that is not dumpable to root, proc(5), so of root's own processes it
 * cannot be seen.
 */
function dumpableBy(owner: number, uids: string | undefined, root: number): boolean | null {
  const effective = Number(uids?.split('\t')[1])
  if (!Number.isSafeInteger(effective) || effective === root) return null
  return owner === effective
}

function coreSignalsIn(mask: string | undefined): readonly string[] {
  if (mask === undefined || !/^[0-9a-f]{1,32}$/.test(mask)) return []
  const bits = BigInt(`0x${mask}`)
  return CORE_SIGNALS.filter(signal => (bits >> BigInt(signal - 1)) & 1n).map(signalName)
}
