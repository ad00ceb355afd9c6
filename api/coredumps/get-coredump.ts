import { COREDUMP_GROUP } from '../../coredump/coredump.ts'
import { parseCoredumpName } from '../../coredump/coredump-name.ts'
import type { IndexEntry } from '../../crash/index-entry.ts'
import type { ApiOutside } from '../outside.ts'
import type { ResourceRequest } from '../resource-request.ts'
import { notFound } from '../status-error.ts'
import { visibleTo } from '../visible.ts'

/** The crash that a request names: one listing. Throws a 404 where there is none, or none for who asks. */
export async function crashOf(
  { namespace, name, user }: Pick<ResourceRequest, 'namespace' | 'name' | 'user'>,
  outside: Pick<ApiOutside, 'index' | 'cluster' | 'mayDo' | 'namespaceCreated'>,
): Promise<IndexEntry> {
  const named = parseCoredumpName(name ?? '')
  const { cluster } = outside
  const entry =
    named === null || namespace === null ? null : await outside.index.find({ cluster, namespace, ...named })
  if (entry !== null && (await visibleTo(user, outside)(entry))) return entry
  throw notFound(`coredumps.${COREDUMP_GROUP}`, name ?? '')
}
