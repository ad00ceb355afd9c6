import { type Fields, isFields } from '../../crash/fields.ts'

/**
 * What we read of a pod that is about to be created. Lists keep their order: a patch names their items by
 * index.
 */
export interface NewPod {
  /** Empty while the API server has not made it yet: of every pod of a Deployment, DaemonSet or Job. */
  readonly name: string
  readonly generateName: string
  readonly annotations: Readonly<Record<string, string>> | null
  /** `null`: the pod has no such list, which a patch has to make first. */
  readonly volumes: readonly Volume[] | null
  readonly containers: readonly NewContainer[]
  /** The operating system that it is for, as Kubernetes calls it, where that is not Linux. */
  readonly otherSystem: string | null
}

interface Volume {
  readonly name: string
  /** `null`: not a hostPath volume. */
  readonly hostPath: string | null
  /** Its kind is one that no container can write to. */
  readonly readOnly: boolean
}

export interface NewContainer {
  readonly name: string
  /** JSON pointer to it: `/spec/containers/0`. */
  readonly pointer: string
  readonly env: readonly EnvVar[] | null
  readonly mounts: readonly Mount[] | null
  /** Where block devices stand in it. */
  readonly devicePaths: readonly string[]
}

interface EnvVar {
  readonly name: string
  /** Field of the pod that it holds; empty: it holds something else. */
  readonly fieldPath: string
}

interface Mount {
  readonly volume: string
  readonly path: string
  readonly readOnly: boolean
  readonly subPath: string
  readonly subPathExpr: string
}

/** Reads a pod as JSON. Throws an Error that names the field, if it is not shaped like a pod. */
export function readPod(json: unknown): NewPod {
  const pod = tree(json, 'pod')
  const metadata = tree(pod.metadata ?? {}, 'metadata')
  const spec = tree(pod.spec, 'spec')
  return {
    name: text(metadata.name, 'metadata.name'),
    generateName: text(metadata.generateName, 'metadata.generateName'),
    annotations: annotations(metadata.annotations),
    volumes: list(spec.volumes, 'spec.volumes', readVolume),
    containers: [...containers(spec, 'initContainers'), ...containers(spec, 'containers')],
    otherSystem: systemsOf(spec).find(system => system !== 'linux') ?? null,
  }
}

const SYSTEM_LABELS = ['kubernetes.io/os', 'beta.kubernetes.io/os']

/**
 * By its own word, or by the nodes that it may run on; a RuntimeClass has put its labels into `nodeSelector`
 * before we are asked.
 */
function systemsOf(spec: Fields): readonly string[] {
  const os = tree(spec.os ?? {}, 'spec.os')
  const nodes = tree(spec.nodeSelector ?? {}, 'spec.nodeSelector')
  return [
    text(os.name, 'spec.os.name'),
    ...SYSTEM_LABELS.map(label => text(nodes[label], `spec.nodeSelector["${label}"]`)),
    ...requiredSystems(spec),
  ].filter(system => system !== '')
}

/**
 * What a required node affinity asks for, where all of its terms, of which one is enough, ask for one system.
 */
function requiredSystems(spec: Fields): readonly string[] {
  const affinity = tree(spec.affinity ?? {}, 'spec.affinity')
  const nodeAffinity = tree(affinity.nodeAffinity ?? {}, 'spec.affinity.nodeAffinity')
  const required = tree(nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution ?? {}, 'node affinity')
  const terms = list(required.nodeSelectorTerms, 'nodeSelectorTerms', systemIn) ?? []
  const [first] = terms
  return first !== undefined && first !== null && terms.every(system => system === first) ? [first] : []
}

function systemIn(json: unknown, where: string): string | null {
  const expressions = list(tree(json, where).matchExpressions, `${where}.matchExpressions`, tree) ?? []
  const asked = expressions.find(
    ({ key, operator, values }) =>
      SYSTEM_LABELS.includes(text(key, `${where}.key`)) &&
      operator === 'In' &&
      Array.isArray(values) &&
      values.length === 1,
  )
  return asked === undefined ? null : text((asked.values as unknown[])[0], `${where}.values`)
}

function annotations(json: unknown): NewPod['annotations'] {
  if (json === undefined || json === null) return null
  const entries = Object.entries(tree(json, 'metadata.annotations'))
  return Object.fromEntries(entries.map(([key, value]) => [key, text(value, `annotation "${key}"`)]))
}

const READ_ONLY_KINDS = ['configMap', 'secret', 'projected', 'downwardAPI', 'image']

function readVolume(json: unknown, where: string): Volume {
  const volume = tree(json, where)
  const hostPath = volume.hostPath ?? null
  return {
    name: text(volume.name, `${where}.name`),
    hostPath:
      hostPath === null ? null : text(tree(hostPath, `${where}.hostPath`).path, `${where}.hostPath.path`),
    readOnly: READ_ONLY_KINDS.some(kind => (volume[kind] ?? null) !== null),
  }
}

function containers(spec: Fields, field: string): readonly NewContainer[] {
  const read = (json: unknown, where: string, index: number): NewContainer => {
    const container = tree(json, where)
    return {
      name: text(container.name, `${where}.name`),
      pointer: `/spec/${field}/${index}`,
      env: list(container.env, `${where}.env`, readEnvVar),
      mounts: list(container.volumeMounts, `${where}.volumeMounts`, readMount),
      devicePaths: list(container.volumeDevices, `${where}.volumeDevices`, readDevicePath) ?? [],
    }
  }
  return list(spec[field], `spec.${field}`, read) ?? []
}

function readEnvVar(json: unknown, where: string): EnvVar {
  const variable = tree(json, where)
  const source = tree(variable.valueFrom ?? {}, `${where}.valueFrom`)
  const field = tree(source.fieldRef ?? {}, `${where}.fieldRef`)
  return {
    name: text(variable.name, `${where}.name`),
    fieldPath: text(field.fieldPath, `${where}.fieldPath`),
  }
}

function readMount(json: unknown, where: string): Mount {
  const mount = tree(json, where)
  return {
    volume: text(mount.name, `${where}.name`),
    path: text(mount.mountPath, `${where}.mountPath`),
    readOnly: mount.readOnly === true,
    subPath: text(mount.subPath, `${where}.subPath`),
    subPathExpr: text(mount.subPathExpr, `${where}.subPathExpr`),
  }
}

function readDevicePath(json: unknown, where: string): string {
  return text(tree(json, where).devicePath, `${where}.devicePath`)
}

/** `null` stands for absent, as it does for the API server. */
function list<T>(
  json: unknown,
  where: string,
  read: (item: unknown, where: string, index: number) => T,
): readonly T[] | null {
  if (json === undefined || json === null) return null
  if (!Array.isArray(json)) throw new Error(`Cannot read pod: ${where} is not a list`)
  return json.map((item, index) => read(item, `${where}[${index}]`, index))
}

function tree(json: unknown, where: string): Fields {
  if (isFields(json)) return json
  throw new Error(`Cannot read pod: ${where} is not an object`)
}

function text(json: unknown, where: string): string {
  if (json === undefined || json === null) return ''
  if (typeof json === 'string') return json
  throw new Error(`Cannot read pod: ${where} is not a string`)
}
