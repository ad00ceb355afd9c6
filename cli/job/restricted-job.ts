/** Of what a Job is made. */
export interface JobMaking {
  /** Its pods are found by it. */
  readonly component: 'test' | 'debug'
  readonly annotations?: Readonly<Record<string, string>>
  /** It ends then, whatever it is at. */
  readonly mostSeconds: number
  /** Kubernetes removes it so long after its end, where we are not there to do it. */
  readonly removedAfterSeconds: number
  /** Of the pod's spec what is not the same in all. */
  readonly pod: object
}

/** A Job, not a pod: where we are killed, Kubernetes removes it by itself. As Pod Security `restricted` has it. */
export function restrictedJob(making: JobMaking): object {
  const { component, annotations, mostSeconds, removedAfterSeconds, pod } = making
  const labels = { 'app.kubernetes.io/name': 'coredog', 'app.kubernetes.io/component': component }
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { generateName: `coredog-${component}-`, labels },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: mostSeconds,
      ttlSecondsAfterFinished: removedAfterSeconds,
      template: {
        metadata: { labels, ...(annotations && { annotations }) },
        spec: {
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          nodeSelector: LINUX,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 65_532,
            runAsGroup: 65_532,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          ...pod,
        },
      },
    },
  }
}

/** For a `nodeSelector` of one's own. */
export const LINUX = { 'kubernetes.io/os': 'linux' }

/** The `securityContext` of each of its containers. */
export const RESTRICTED = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
}
