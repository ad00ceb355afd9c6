import { type Fields, fieldsOf } from '../../crash/fields.ts'
import { numberOf, objectsIn, textOf } from '../nodes/collection.ts'
import { memoryBytes } from './memory-bytes.ts'

/** What the API server says of a pod, as far as it matters to its cores. */
export interface PodFacts {
  readonly namespace: string
  readonly name: string
  /** As its node knows it. */
  readonly uid: string
  readonly node: string | null
  readonly phase: string
  readonly annotations: Fields
  readonly runtimeClass: string | null
  readonly sharesProcesses: boolean
  readonly graceSeconds: number
  readonly containers: readonly ContainerFacts[]
}

export interface ContainerFacts {
  readonly name: string
  readonly isRunning: boolean
  /** How it ended the last time; `null`: it never did. */
  readonly lastEnd: ContainerEnd | null
  readonly liveness: Probe | null
  readonly memoryLimitBytes: number | null
}

export interface ContainerEnd {
  readonly reason: string
  readonly exitCode: number
  readonly at: string
}

interface Probe {
  readonly failures: number
  readonly periodSeconds: number
  readonly graceSeconds: number
}

/** By it the kubelet marks the mirror of a static pod; the node knows the pod by its value. */
const MIRROR = 'kubernetes.io/config.mirror'
const GRACE_SECONDS = 30

export function podFacts(pod: Fields): PodFacts {
  const metadata = fieldsOf(pod.metadata)
  const spec = fieldsOf(pod.spec)
  const status = fieldsOf(pod.status)
  const annotations = fieldsOf(metadata.annotations)
  const graceSeconds = numberOf(spec.terminationGracePeriodSeconds) ?? GRACE_SECONDS
  const states = [...objectsIn(status.initContainerStatuses), ...objectsIn(status.containerStatuses)]
  const lasting = objectsIn(spec.initContainers).filter(({ restartPolicy }) => restartPolicy === 'Always')
  return {
    namespace: textOf(metadata.namespace) ?? '',
    name: textOf(metadata.name) ?? '',
    uid: textOf(annotations[MIRROR]) ?? textOf(metadata.uid) ?? '',
    node: textOf(spec.nodeName) ?? null,
    phase: textOf(status.phase) ?? '',
    annotations,
    runtimeClass: textOf(spec.runtimeClassName) ?? null,
    sharesProcesses: spec.shareProcessNamespace === true || spec.hostPID === true,
    graceSeconds,
    containers: [...lasting, ...objectsIn(spec.containers)].map(container =>
      containerFacts(container, states.find(({ name }) => name === container.name) ?? {}, graceSeconds),
    ),
  }
}

function containerFacts(container: Fields, status: Fields, graceSeconds: number): ContainerFacts {
  const state = fieldsOf(status.state)
  const limits = fieldsOf(fieldsOf(container.resources).limits)
  return {
    name: textOf(container.name) ?? '',
    isRunning: state.running !== undefined,
    lastEnd: endIn(state.terminated) ?? endIn(fieldsOf(status.lastState).terminated),
    liveness: probeIn(container.livenessProbe, graceSeconds),
    memoryLimitBytes: memoryBytes(limits.memory),
  }
}

function endIn(value: unknown): ContainerEnd | null {
  const { reason, exitCode, finishedAt } = fieldsOf(value)
  const code = numberOf(exitCode)
  return code === undefined
    ? null
    : { reason: textOf(reason) ?? '', exitCode: code, at: textOf(finishedAt) ?? '' }
}

/** With what the API server fills in. */
function probeIn(value: unknown, graceSeconds: number): Probe | null {
  if (value === undefined) return null
  const { failureThreshold, periodSeconds, terminationGracePeriodSeconds } = fieldsOf(value)
  return {
    failures: numberOf(failureThreshold) ?? 3,
    periodSeconds: numberOf(periodSeconds) ?? 10,
    graceSeconds: numberOf(terminationGracePeriodSeconds) ?? graceSeconds,
  }
}
