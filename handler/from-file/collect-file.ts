import type { Config } from '../../config/config.ts'
import { decide } from '../../config/policy.ts'
import { beginsAsCore } from '../../crash/core-head.ts'
import type { Identity } from '../../crash/identity.ts'
import type { UntrustedDirectory } from '../../durable/untrusted-directory.ts'
import type { HandoffPod } from '../../handoff/run-folder.ts'
import { type Disposition, dispose } from '../dispose.ts'
import type { Outside } from '../outside.ts'
import { codeBelow, NO_CODE } from './code-below.ts'
import { beginCrash, type OpenCore, readCrash } from './core-in-file.ts'
import { crashedContainer } from './crashed-container.ts'
import { type KubeletFolder, ownerOfFolder, wrongNameIn } from './kubelet-folder.ts'

/** A core of a pod that is known from where it lies. */
export interface FoundCore extends OpenCore {
  readonly folder: KubeletFolder
  /** Of the file: a handler that takes it again overwrites what was stored of it. */
  readonly id: string
  /** The file's first bytes. */
  readonly start: Buffer
}

/** What became of a core file: `refused` is no core, `skipped` is not to be collected. */
export type Collected = Disposition | { readonly outcome: 'skipped' | 'refused'; readonly reason: string }

/** The world of a core that lies in a file. */
export interface FileOutside extends Outside {
  /** Those of this node that the API server knows by now; `null`: unknown. */
  readonly pods: () => readonly HandoffPod[] | null
  readonly wait: (seconds: number) => Promise<unknown>
  /** The root directory of any of these containers, by their ids; `null`: none of them runs. */
  readonly rootOf: (containers: ReadonlySet<string>) => Promise<UntrustedDirectory | null>
}

/**
 * The journey of one core that lies in a file: there is no process to look at, so whose it was is told by its
 * folder, and all else by itself. Rejects if it was not stored; the file is left as it is in any case.
 */
export async function collectFile(
  found: FoundCore,
  config: Config,
  outside: FileOutside,
): Promise<Collected> {
  const { folder, id, start } = found
  const { node, log } = outside

  const refusal = wrongNameIn(folder) ?? (beginsAsCore(start) ? null : 'it does not begin as an ELF core')
  if (refusal !== null) return { outcome: 'refused', reason: refusal }

  const identity = ownerOfFolder(folder, outside.pods())
  const decision = decide(config.collect, identity)
  if (decision.do === 'skip') {
    const { namespace, name } = identity.pod
    log.info(
      {
        namespace,
        pod: name,
        container: identity.container?.name,
        file: found.path,
        reason: decision.reason,
      },
      'crash skipped',
    )
    return { outcome: 'skipped', reason: decision.reason }
  }

  const begun = await beginCrash(found)
  const whose = { id, node, ...begun, identity: await inFull(identity, begun, outside) }
  const crash = await readWithCode(whose, containersLike(identity, outside.pods()), outside)
  return await dispose(crash, config, outside)
}

/** The next container of that name has the same files, as long as its image is the same: their build ids tell. */
function containersLike(
  { podUid, container }: ReturnType<typeof ownerOfFolder>,
  pods: readonly HandoffPod[] | null,
): ReadonlySet<string> {
  const pod = pods?.find(({ uid }) => uid === podUid)
  return new Set(pod?.containers.filter(({ name }) => name === container?.name).map(({ id }) => id))
}

async function readWithCode<Crash extends Parameters<typeof readCrash>[0]>(
  crash: Crash,
  containers: ReadonlySet<string>,
  { rootOf, proc, explain }: FileOutside,
) {
  await using root = await rootOf(containers)
  return await readCrash(crash, root === null ? NO_CODE : codeBelow(root, proc), explain)
}

/** With what is known of the very container that crashed, of all that bear its name in their time. */
async function inFull(
  identity: ReturnType<typeof ownerOfFolder>,
  { time, core }: Awaited<ReturnType<typeof beginCrash>>,
  outside: FileOutside,
): Promise<Identity> {
  const { podUid, container } = identity
  if (podUid === null || container === null) return identity
  const crashIn = { podUid, container: container.name, time, isFirst: core.head?.pid === 1 }
  const found = await crashedContainer(crashIn, outside)
  if (found === null) return identity
  const { id, startedAt: _from, finishedAt: _to, ...record } = found
  return { ...identity, containerId: id, container: record }
}
