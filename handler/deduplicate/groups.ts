import type { ClusterGroup } from '../../crash/group-key.ts'
import { signalClass } from '../../crash/why/fingerprint.ts'
import type { SeenOwner } from '../../handoff/seen-folder.ts'
import type { Capture } from '../capture.ts'
import { folderOf } from '../location.ts'

/** What a crash is counted as. Neither holds a `\0`. */
export interface Groups {
  /**
   * What crashes have in common that are the same one again; `null`: that cannot be told, and each is kept.
   */
  readonly fingerprint: readonly string[] | null
  /** Whose crashes they are, whatever they are of; `null`: an operator asked for this very core. */
  readonly workload: readonly string[] | null
}

export function groupsOf(capture: Capture): Groups {
  const workload = workloadOf(capture)
  const { site } = capture.site
  const container = containerOf(capture)
  const isSame = workload !== null && site !== undefined && container !== null
  return { workload, fingerprint: isSame ? [...workload, container, classOf(capture), site] : null }
}

/** What is one case to all nodes of the cluster; `null`: each is kept. */
export function clusterGroupOf(capture: Capture): ClusterGroup | null {
  const { fingerprint, workload } = groupsOf(capture)
  if (fingerprint === null || workload === null) return null
  const [namespace = ''] = folderOf(capture).split('/')
  const [kind, ...named] = workload
  const name = kind === 'host' ? named : named.slice(1)
  return { cluster: capture.node.cluster ?? '', namespace, workload: name.join('.'), fingerprint }
}

/** Of the first process of a container, abort() ends by another signal. */
function classOf({ args, core, call }: Pick<Capture, 'args' | 'core' | 'call'>): string {
  return signalClass(args.signal ?? core.head?.signal?.number ?? 0, call === null ? undefined : 'abort')
}

/** Whose crashes they are, as a fingerprint has it. */
export function countedOwner(crash: Whose): { readonly workload: string; readonly container: string } {
  return { workload: workloadOf(crash)?.join('/') ?? '', container: containerOf(crash) ?? '' }
}

/** Whose crashes are counted together; `null`: an operator asked for this very core. */
export function seenOwner(crash: Whose): SeenOwner | null {
  const workload = workloadOf(crash)
  if (workload === null) return null
  return { workload, tenant: workload.slice(0, workload[0] === 'pod' ? 2 : 1) }
}

type Whose = Pick<Capture, 'identity' | 'observed' | 'args' | 'file'>

/**
 * Only the API server knows what a pod belongs to. Without its word each pod is one by itself, which keeps
 * more: what a pod's name or its labels seem to say, every user of its namespace can write.
 */
function workloadOf({ identity, observed, args, file }: Whose): readonly string[] | null {
  if (identity === null) return file === undefined ? ['unverified'] : null
  if (identity.kind === 'host') return ['host', observed.executable ?? args.comm]
  const { pod, podUid, containerId } = identity
  if (pod === null) return ['unidentified', podUid ?? containerId ?? '']
  const { kind, name } = pod.workload ?? { kind: 'Pod', name: pod.name }
  return ['pod', pod.namespace, kind, name]
}

/** `null`: it is not known whose it was. */
function containerOf({ identity }: Pick<Whose, 'identity'>): string | null {
  if (identity === null) return null
  if (identity.kind === 'host') return ''
  const { pod, container, containerId } = identity
  if (pod === null) return null
  return container === null ? 'pause' : container.name || (containerId ?? '')
}
