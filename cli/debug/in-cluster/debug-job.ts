import { LINUX, RESTRICTED, restrictedJob } from '../../job/restricted-job.ts'
import type { Architecture } from './core-architecture.ts'

/** Of what the pod is made. */
export interface DebugMaking {
  /** It has the debugger. */
  readonly image: string
  /** Runs beside it, for its files alone; `null`: they are not needed. */
  readonly crashed: string | null
  readonly pullSecrets: readonly string[]
  /** The core's; `null`: any. */
  readonly architecture: Architecture | null
  /** Where it crashed, so that its image is there; absent: nobody says. */
  readonly node?: string
  /** Of all that is copied into it. */
  readonly sizeBytes: number
  readonly memory: string
}

/** Where the files of the crash are in the pod. */
export const CRASH_FOLDER = '/coredog'
/** The process of the crashed image writes its pid there: its root is below `/proc`. */
export const CRASHED_PID = `${CRASH_FOLDER}/crashed-pid`
export const DEBUGGER = 'debugger'
export const CRASHED = 'crashed'
/** The longest session; where we are killed, the core is gone after it. */
export const MOST_HOURS = 4
const MOST_SECONDS = MOST_HOURS * 3600
const SPARE_BYTES = 256 << 20

export function debugJob(making: DebugMaking): object {
  const { crashed, architecture, pullSecrets, sizeBytes } = making
  return restrictedJob({
    component: 'debug',
    mostSeconds: MOST_SECONDS,
    removedAfterSeconds: 60,
    pod: {
      shareProcessNamespace: crashed !== null,
      // sleep is not told to end as the first process of a container.
      terminationGracePeriodSeconds: 1,
      nodeSelector: { ...LINUX, ...(architecture !== null && { 'kubernetes.io/arch': architecture }) },
      ...(making.node !== undefined && { affinity: preferring(making.node) }),
      ...(pullSecrets.length > 0 && { imagePullSecrets: pullSecrets.map(name => ({ name })) }),
      containers: [debuggerIn(making), ...(crashed === null ? [] : [filesOf(crashed)])],
      volumes: [{ name: 'crash', emptyDir: { sizeLimit: roomFor(sizeBytes) } }],
    },
  })
}

/** There the image may be still, when its registry has it no more. */
function preferring(node: string): object {
  const preference = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }
  return { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference }] } }
}

function debuggerIn({ image, sizeBytes, memory }: DebugMaking): object {
  const disk = { 'ephemeral-storage': roomFor(sizeBytes) }
  return container(DEBUGGER, image, ['sleep', `${MOST_SECONDS}`], {
    requests: { cpu: '100m', memory: memoryAtFirst(memory), ...disk },
    limits: { cpu: '2', memory, ...disk },
  })
}

/** No request may be above its limit. */
function memoryAtFirst(memory: string): string {
  const mebibytes = /^(\d+)Mi$/.exec(memory)?.[1]
  return mebibytes !== undefined && Number(mebibytes) < 256 ? memory : '256Mi'
}

function filesOf(crashed: string): object {
  // Kubernetes makes $$ of it, the shell its pid.
  const remembered = `echo $$$$ > ${CRASHED_PID} && exec sleep ${MOST_SECONDS}`
  return container(CRASHED, crashed, ['sh', '-c', remembered], {
    requests: { cpu: '10m', memory: '16Mi' },
    limits: { cpu: '100m', memory: '64Mi' },
  })
}

function container(name: string, image: string, command: readonly string[], resources: object): object {
  return {
    ...{ name, image, command, resources },
    imagePullPolicy: 'IfNotPresent',
    env: ['HOME', 'TMPDIR'].map(variable => ({ name: variable, value: CRASH_FOLDER })),
    volumeMounts: [{ name: 'crash', mountPath: CRASH_FOLDER }],
    securityContext: RESTRICTED,
  }
}

function roomFor(sizeBytes: number): string {
  return `${sizeBytes + SPARE_BYTES}`
}
