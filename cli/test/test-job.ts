import { ANNOTATIONS } from '../../crash/annotations.ts'

/** Of what the pod is made. */
interface Making {
  readonly image: string
  readonly pullSecrets: readonly string[]
  /** A node to crash on; absent: any. */
  readonly node?: string
  readonly timeoutSeconds: number
}

/**
 * A Job, not a pod: where we are killed, Kubernetes removes it by itself. As Pod Security `restricted` has it. Its
 * processes are shared with the pod's own first one, for of a container's first process abort() is no SIGABRT.
 */
export function testJob({ image, pullSecrets, node, timeoutSeconds }: Making): object {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { generateName: 'coredog-test-', labels: LABELS },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: timeoutSeconds + REMOVED_AFTER_SECONDS,
      ttlSecondsAfterFinished: REMOVED_AFTER_SECONDS,
      template: {
        metadata: { labels: LABELS, annotations: { [ANNOTATIONS.inject]: 'true' } },
        spec: {
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          shareProcessNamespace: true,
          terminationGracePeriodSeconds: 30,
          nodeSelector: {
            'kubernetes.io/os': 'linux',
            ...(node !== undefined && { 'kubernetes.io/hostname': node }),
          },
          ...(node !== undefined && { tolerations: [{ operator: 'Exists' }] }),
          ...(pullSecrets.length > 0 && { imagePullSecrets: pullSecrets.map(name => ({ name })) }),
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 65_532,
            runAsGroup: 65_532,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [crasher(image)],
        },
      },
    },
  }
}

export const CONTAINER = 'crash'
const LABELS = { 'app.kubernetes.io/name': 'coredog', 'app.kubernetes.io/component': 'test' }
const REMOVED_AFTER_SECONDS = 600

function crasher(image: string): object {
  return {
    name: CONTAINER,
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['/app/coredog-handler', 'installer', 'crash-test', '--crash'],
    resources: { requests: { cpu: '10m', memory: '96Mi' }, limits: { memory: '256Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  }
}
