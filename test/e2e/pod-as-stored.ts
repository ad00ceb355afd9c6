import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { ApiContainer, ApiPod } from './api-pod.ts'
import type { Mount, SecurityContext } from './cri.ts'
import type { KubeCluster } from './kube-cluster.ts'
import type { PodSpec } from './pod.ts'
import type { PodVolumes } from './pod-volumes.ts'

export const NODE_IP = '10.0.0.7'

/** What a test wants otherwise than the pod says. */
export interface Running {
  /** There is no network of pods here: who is to reach the API server, or to be reached, is on the node's. */
  readonly hostNetwork?: boolean
  readonly mounts?: readonly Mount[]
}

/** What the runtime is told of a pod that the API server has stored. */
export function specOf(pod: ApiPod, volumes: PodVolumes, running: Running, { access }: KubeCluster): PodSpec {
  const { metadata, spec } = pod
  const [container] = spec.containers
  const { privileged = false, readOnlyRootFilesystem = false } = container.securityContext ?? {}
  const api = new URL(access.url)
  return {
    ...metadata,
    hostNetwork: running.hostNetwork ?? false,
    privileged,
    container: {
      name: container.name,
      image: container.image,
      command: [...(container.command ?? []), ...(container.args ?? [])],
      environment: {
        ...environmentOf(pod),
        KUBERNETES_SERVICE_HOST: api.hostname,
        KUBERNETES_SERVICE_PORT: api.port,
      },
      mounts: [...mountsOf(container, volumes), ...(running.mounts ?? [])],
      readOnlyRoot: readOnlyRootFilesystem,
      rights: rightsOf(pod),
      ...memoryOf(container),
    },
  }
}

function environmentOf({ metadata, spec }: ApiPod): Record<string, string> {
  const fields: Readonly<Record<string, string>> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'spec.nodeName': spec.nodeName,
    'status.hostIP': NODE_IP,
  }
  const variables = spec.containers[0].env ?? []
  return Object.fromEntries(
    variables.map(({ name, value, valueFrom }) => [
      name,
      value ?? fields[valueFrom?.fieldRef.fieldPath ?? ''] ?? assert.fail(`no value for ${name}`),
    ]),
  )
}

/** Propagation needs a root that is mounted as shared. systemd does that, and there is none here. */
function mountsOf({ volumeMounts }: ApiContainer, volumes: PodVolumes): Mount[] {
  return volumeMounts.map(({ name, mountPath, readOnly = false, subPath = '' }) => {
    const hostPath = path.join(volumes.folderOf(name), subPath)
    mkdirSync(hostPath, { recursive: true })
    return { hostPath, containerPath: mountPath, readonly: readOnly }
  })
}

function rightsOf({ spec }: ApiPod): Partial<SecurityContext> {
  const [{ securityContext = {} }] = spec.containers
  const { fsGroup, ...forAll } = spec.securityContext ?? {}
  const { runAsUser, runAsGroup, seccompProfile } = { ...forAll, ...securityContext }
  return {
    ...(runAsUser !== undefined && { runAsUser: { value: runAsUser } }),
    ...(runAsGroup !== undefined && { runAsGroup: { value: runAsGroup } }),
    ...(fsGroup !== undefined && { supplementalGroups: [fsGroup] }),
    ...(seccompProfile !== undefined && { seccomp: { profileType: seccompProfile.type } }),
    noNewPrivs: securityContext.allowPrivilegeEscalation === false,
    capabilities: { dropCapabilities: securityContext.capabilities?.drop ?? [] },
  }
}

function memoryOf({ resources }: ApiContainer): { memoryBytes?: number } {
  const [, mebibytes] = /^(\d+)Mi$/.exec(resources?.limits?.memory ?? '') ?? []
  return mebibytes === undefined ? {} : { memoryBytes: Number(mebibytes) * 1024 * 1024 }
}
