import { COREDUMP_GROUP } from '../../coredump/coredump.ts'
import { parseCoredumpName } from '../../coredump/coredump-name.ts'
import type { IndexEntry } from '../../crash/index-entry.ts'
import type { ApiOutside } from '../outside.ts'
import type { ResourceRequest } from '../resource-request.ts'
import { notFound } from '../status-error.ts'
import { visibleTo } from '../visible.ts'

export const COREDUMPS = `coredumps.${COREDUMP_GROUP}`

/** The crash whose name is asked for; 404 where there is none, or none for this user. */
export async function crashAsked(
  { namespace, name, user }: ResourceRequest,
  outside: ApiOutside,
): Promise<IndexEntry> {
  const named = parseCoredumpName(name ?? '')
  if (named === null || namespace === null) throw notFound(COREDUMPS, name ?? '')
  const entry = await outside.index.find({ cluster: outside.cluster, namespace, ...named })
  if (entry === null || !(await visibleTo(user, outside)(entry))) throw notFound(COREDUMPS, name ?? '')
  return entry
}
