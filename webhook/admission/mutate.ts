import type { PodSecurityLevel } from '../../config/config.ts'
import { ANNOTATIONS } from '../../crash/annotations.ts'
import { isDnsName } from '../../crash/dns-name.ts'
import { type InjectionRequest, readInjectionRequest } from './injection-request.ts'
import { type Add, append, type JsonPatch, prepend, segment } from './json-patch.ts'
import { findClash } from './mount-path.ts'
import type { NewContainer, NewPod } from './pod.ts'
import {
  type CoreVolume,
  coreVolume,
  findForeignUse,
  hasMount,
  NAME_VARIABLE,
  VOLUME_NAME,
} from './volume.ts'

/** What happens to a pod. Warnings are for the client that creates it. */
type Mutation =
  | { readonly skip: string; readonly warnings: readonly string[] }
  | { readonly patch: JsonPatch; readonly warnings: readonly string[] }

export interface MutateSettings {
  /** `fallback.hostPath`: cores are written into a directory of the node, not into the kernel's pipe. */
  readonly hostPath: boolean
  /** Where the nodes keep the cores of pods: `/data/coredog-system/dumps`. */
  readonly dumpsDir: string
  /** `fallback.podSecurityDefault`: what a namespace without a label enforces. */
  readonly podSecurityDefault: PodSecurityLevel
  /** With `fallback.corePattern`: where in a container the kernel writes cores to, `/corefile`. */
  readonly kernelFolder?: string
}

/**
 * What the label of a namespace says that it enforces. `unlabelled`: the default of the API server counts.
 */
export type LabelledLevel = PodSecurityLevel | 'unlabelled'

interface Namespace {
  readonly name: string
  /** `null`: unknown. */
  readonly podSecurity: LabelledLevel | null
}

/**
 * Mounts a directory for cores into a pod that asks for it. Whatever could make the API server or the kubelet
 * refuse the pod is left out, with a warning. Idempotent: a pod that has all of it gets an empty patch.
 */
export function mutate(pod: NewPod, namespace: Namespace, settings: MutateSettings): Mutation {
  const request = readInjectionRequest(pod.annotations, settings.hostPath)
  if ('skip' in request) return { skip: request.skip, warnings: request.asked ? [request.skip] : [] }
  const volume = coreVolume(pod, namespace.name, settings.dumpsDir)
  const obstacle = findObstacle(pod, namespace, volume, settings)
  if (obstacle !== null) return { skip: obstacle, warnings: [obstacle] }
  const mutation = mount(pod, request, volume)
  return { ...mutation, warnings: [...mutation.warnings, ...lostOn(request, settings)] }
}

function findObstacle(
  pod: NewPod,
  namespace: Namespace,
  volume: CoreVolume,
  settings: MutateSettings,
): string | null {
  // It has no such directories, and its programs leave no such cores: the pod would never start.
  if (pod.otherSystem !== null) return `the pod is for ${pod.otherSystem}`
  // The kubelet has started it already; what we changed would be in the API only.
  if (pod.annotations?.['kubernetes.io/config.mirror'] !== undefined) return 'a static pod cannot be changed'
  // What the API server lets through later, and what is safe as a part of a path.
  const odd = [namespace.name, pod.name].find(name => name !== '' && !isDnsName(name))
  if (odd !== undefined || namespace.name === '') return `"${odd ?? ''}" is not a name`
  return findForbiddance(namespace, settings) ?? findForeignUse(pod, volume)
}

/**
 * Why the API server would refuse the pod if it had a directory of the node mounted; `null`: it would not.
 */
function findForbiddance(
  { name, podSecurity }: Namespace,
  { podSecurityDefault }: MutateSettings,
): string | null {
  if (podSecurity === null) return `the Pod Security level of namespace "${name}" is not known`
  const level = podSecurity === 'unlabelled' ? podSecurityDefault : podSecurity
  if (level === 'privileged') return null
  const source = podSecurity === 'unlabelled' ? 'by fallback.podSecurityDefault; ' : ''
  return `namespace "${name}" forbids hostPath volumes (${source}Pod Security level ${level})`
}

function mount(pod: NewPod, request: InjectionRequest, volume: CoreVolume): Mutation {
  const warnings = request.containers
    .filter(name => !pod.containers.some(container => container.name === name))
    .map(name => `annotation coredog.io/container: the pod has no container "${name}"`)
  const patch: Add[] = []
  const targets: string[] = []
  for (const container of pod.containers.filter(({ name }) => isTarget(name, request))) {
    const added = hasMount(container, volume) ? [] : mountInto(container, pod, request.mountPath, volume)
    if (typeof added === 'string') {
      warnings.push(`container "${container.name}" gets no ${request.mountPath}: ${added}`)
      continue
    }
    patch.push(...added)
    targets.push(container.name)
  }
  if (targets.length === 0) return { skip: 'no container to mount into', warnings }
  return { patch: [...addVolume(pod, volume), ...patch, ...annotate(pod, targets)], warnings }
}

/** It is mounted all the same: the program may write cores of its own there. */
function lostOn({ mountPath }: InjectionRequest, { kernelFolder = mountPath }: MutateSettings): string[] {
  if (mountPath === kernelFolder) return []
  return [`no core will get to ${mountPath}: the kernel of the nodes writes to ${kernelFolder}`]
}

function isTarget(name: string, request: InjectionRequest): boolean {
  return isDnsName(name) && (request.containers.length === 0 || request.containers.includes(name))
}

/** The operations that mount `volume`, or the reason why it cannot be mounted. */
function mountInto(
  container: NewContainer,
  pod: NewPod,
  mountPath: string,
  volume: CoreVolume,
): Add[] | string {
  const clash = findClash(mountPath, container, pod)
  if (clash !== null) return clash
  const name = pod.name === '' ? bringName(container) : []
  if (typeof name === 'string') return name
  const value = { name: VOLUME_NAME, mountPath, ...volume.subPathOf(container.name) }
  return [...name, append(`${container.pointer}/volumeMounts`, container.mounts, value)]
}

/**
 * Of two variables of one name the kubelet takes the last, so one that is there already wins over ours: the
 * pod's author, who sets it, chooses the directory, and with it the pod that a core is said to be of.
 */
function bringName(container: NewContainer): Add[] | string {
  const existing = (container.env ?? []).filter(({ name }) => name === NAME_VARIABLE)
  if (existing.some(({ fieldPath }) => fieldPath !== 'metadata.name'))
    return `it has a variable ${NAME_VARIABLE} of its own`
  if (existing.length > 0) return []
  const value = { name: NAME_VARIABLE, valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }
  // First, so that the variables after it may use it too.
  return [prepend(`${container.pointer}/env`, container.env, value)]
}

function addVolume(pod: NewPod, volume: CoreVolume): Add[] {
  if (pod.volumes?.some(({ name }) => name === VOLUME_NAME)) return []
  const value = { name: VOLUME_NAME, hostPath: { path: volume.hostPath, type: 'DirectoryOrCreate' } }
  return [append('/spec/volumes', pod.volumes, value)]
}

/** What scripts read. The name is only written where it is known: a made-up one is worse than none. */
function annotate(pod: NewPod, targets: readonly string[]): Add[] {
  const wanted = { [ANNOTATIONS.podName]: pod.name, [ANNOTATIONS.targetContainers]: targets.join(',') }
  return Object.entries(wanted)
    .filter(([key, value]) => value !== '' && pod.annotations?.[key] !== value)
    .map(([key, value]) => ({ op: 'add', path: `/metadata/annotations/${segment(key)}`, value }))
}
