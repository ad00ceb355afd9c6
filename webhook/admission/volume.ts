import type { NewContainer, NewPod } from './pod.ts'

/** Everything that was ever mounted for cores has a name that begins so; people search for it. */
export const VOLUME_NAME = 'coredog-corefile'

/** The variable that brings a generated name into `subPathExpr`. */
export const NAME_VARIABLE = 'COREDOG_POD_NAME'

/**
 * The directory of a pod's cores on the node, `<dumps>/<namespace>/<pod>/<container>`, in two parts. The API
 * server makes up the name of a generated pod only after admission, so there the kubelet puts it in.
 *
 * The volume is as narrow as it can be, and not the whole dumps directory: an ephemeral container may mount
 * any volume of its pod, and whole. So the cores of other namespaces are never within reach.
 */
export interface CoreVolume {
  readonly hostPath: string
  subPathOf(container: string): { readonly subPath: string } | { readonly subPathExpr: string }
}

/** The volume for a pod. */
export function coreVolume(pod: NewPod, namespace: string, dumpsDir: string): CoreVolume {
  const home = `${dumpsDir}/${namespace}`
  if (pod.name === '') {
    return { hostPath: home, subPathOf: container => ({ subPathExpr: `$(${NAME_VARIABLE})/${container}` }) }
  }
  return { hostPath: `${home}/${pod.name}`, subPathOf: container => ({ subPath: container }) }
}

/** Whether a container has this volume mounted just as we would do it. */
export function hasMount(container: NewContainer, volume: CoreVolume): boolean {
  return ownMounts(container).some(mount => isRight(mount, volume.subPathOf(container.name)))
}

/**
 * Why the volume's name is not ours to use in this pod; `null`: it is. A container that mounts it by name
 * before we have added it would get it whole: the cores of all pods of the namespace.
 */
export function findForeignUse(pod: NewPod, volume: CoreVolume): string | null {
  const existing = (pod.volumes ?? []).find(({ name }) => name === VOLUME_NAME)
  if (existing !== undefined && existing.hostPath !== volume.hostPath)
    return `the pod has another volume "${VOLUME_NAME}"`
  for (const container of pod.containers) {
    const right = volume.subPathOf(container.name)
    if (ownMounts(container).some(mount => !isRight(mount, right)))
      return `container "${container.name}" mounts "${VOLUME_NAME}" in its own way`
  }
  return null
}

type OwnMount = ReturnType<typeof ownMounts>[number]

function ownMounts(container: NewContainer) {
  return (container.mounts ?? []).filter(mount => mount.volume === VOLUME_NAME)
}

function isRight(mount: OwnMount, right: ReturnType<CoreVolume['subPathOf']>): boolean {
  const { subPath, subPathExpr } = { subPath: '', subPathExpr: '', ...right }
  return mount.subPath === subPath && mount.subPathExpr === subPathExpr
}
