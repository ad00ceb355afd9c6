import type { IndexEntry } from '../../crash/index-entry.ts'
import { type FoundCore, findCore } from '../../crash-index/find-core.ts'
import { inParallel } from '../../time/in-parallel.ts'
import type { ResourceRequest } from '../resource-request.ts'
import { StatusError, tooLarge } from '../status-error.ts'
import { visibleTo } from '../visible.ts'
import { DETECTOR_GROUP } from './coredump-endpoint.ts'
import { crashesOfPod, type DumpedPod } from './crashes-of-pod.ts'
import type { Dumping } from './dumping.ts'
import { memberFolders } from './member-folder.ts'

/** A core that a dump has. */
export interface DumpedCore {
  readonly entry: IndexEntry
  readonly found: FoundCore
  /** In the tar. */
  readonly folder: string
}

const AT_ONCE = 8

/** Those of the pod that the user may see, as they lie in the store; 404 where there are none, 413 for too much. */
export async function dumpedCores(
  asked: ResourceRequest,
  pod: DumpedPod,
  dumping: Dumping,
): Promise<readonly DumpedCore[]> {
  const crashes = await crashesOfPod(dumping.index, pod, asked.signal)
  const isVisible = visibleTo(asked.user, dumping)
  const visible = await inParallel(crashes, AT_ONCE, async entry => ((await isVisible(entry)) ? entry : null))
  const entries = visible.filter(entry => entry !== null)
  assureInTime(
    asked,
    entries.map(entry => [entry, entry.storedBytes] as const),
    dumping,
  )
  const folders = memberFolders(entries, pod.container)
  const cores = await inParallel(entries, AT_ONCE, async entry => {
    const found = await findCore(dumping.store, entry)
    return found && { entry, found, folder: folders.get(entry) ?? entry.id }
  })
  const there = cores.filter(core => core !== null)
  if (there.length === 0) throw noCores(pod)
  assureInTime(
    asked,
    there.map(({ entry, found }) => [entry, found.info.sizeBytes] as const),
    dumping,
  )
  return there
}

/** In the words of k8s-coredump-detector, which said so with 500. */
function noCores({ namespace, name, container, uid }: DumpedPod): StatusError {
  const whose =
    container === null ? `pod ${namespace}/${name}` : `container ${container} in pod ${namespace}/${name}`
  const which = uid === null ? '' : ` of UID ${uid}`
  const details = { name, group: DETECTOR_GROUP, kind: 'coredumpendpoints' }
  return new StatusError(404, 'NotFound', `${whose}${which} has no core dump files stored`, { details })
}

const MOST_SHOWN = 5

function assureInTime(
  { user, namespace }: ResourceRequest,
  cores: readonly (readonly [IndexEntry, number])[],
  { pace, mostSeconds }: Dumping,
): void {
  const bytes = cores.reduce((sum, [, sizeBytes]) => sum + sizeBytes, 0)
  if (pace.seconds(user.name, bytes) <= mostSeconds) return
  const lines = cores.slice(0, MOST_SHOWN).map(([{ id }]) => `kubectl coredog get ${id} -n ${namespace}`)
  const more = cores.length > MOST_SHOWN ? ` (and ${cores.length - MOST_SHOWN} older ones)` : ''
  throw tooLarge(
    `${cores.length} cores of ${bytes} bytes would take longer than the API server lets a dump take; get them one by one: ${lines.join('; ')}${more}`,
  )
}
