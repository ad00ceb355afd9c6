import { ANNOTATIONS } from '../../crash/annotations.ts'
import { LINUX, RESTRICTED, restrictedJob } from '../job/restricted-job.ts'

/** Of what the pod is made. */
interface Making {
  readonly image: string
  readonly pullSecrets: readonly string[]
  /** A node to crash on; absent: any. */
  readonly node?: string
  readonly timeoutSeconds: number
}

/** Its processes are shared with the pod's own first one, for of a container's first process abort() is no SIGABRT. */
export function testJob({ image, pullSecrets, node, timeoutSeconds }: Making): object {
  return restrictedJob({
    component: 'test',
    annotations: { [ANNOTATIONS.inject]: 'true' },
    mostSeconds: timeoutSeconds + REMOVED_AFTER_SECONDS,
    removedAfterSeconds: REMOVED_AFTER_SECONDS,
    pod: {
      shareProcessNamespace: true,
      terminationGracePeriodSeconds: 30,
      ...(node !== undefined && {
        nodeSelector: { ...LINUX, 'kubernetes.io/hostname': node },
        tolerations: [{ operator: 'Exists' }],
      }),
      ...(pullSecrets.length > 0 && { imagePullSecrets: pullSecrets.map(name => ({ name })) }),
      containers: [crasher(image)],
    },
  })
}

export const CONTAINER = 'crash'
const REMOVED_AFTER_SECONDS = 600

function crasher(image: string): object {
  return {
    name: CONTAINER,
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['/app/coredog-handler', 'installer', 'crash-test', '--crash'],
    resources: { requests: { cpu: '10m', memory: '96Mi' }, limits: { memory: '256Mi' } },
    securityContext: RESTRICTED,
  }
}
