import type { KubeObject } from '../../kube/objects.ts'

/** A pod as the API server stored it: what the end-to-end tests run of it. */
export interface ApiPod extends KubeObject {
  readonly metadata: {
    readonly namespace: string
    readonly name: string
    readonly uid: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly spec: {
    readonly nodeName: string
    readonly serviceAccountName: string
    readonly terminationGracePeriodSeconds: number
    readonly securityContext?: SecuritySettings & { readonly fsGroup?: number }
    readonly containers: readonly [ApiContainer]
    readonly volumes: readonly ApiVolume[]
  }
}

export interface ApiContainer {
  readonly name: string
  readonly image: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: readonly {
    readonly name: string
    readonly value?: string
    readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } }
  }[]
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[]
  readonly readinessProbe?: Probe
  readonly livenessProbe?: Probe
  readonly resources?: { readonly limits?: { readonly memory?: string } }
  readonly securityContext?: SecuritySettings & {
    readonly privileged?: boolean
    readonly readOnlyRootFilesystem?: boolean
    readonly allowPrivilegeEscalation?: boolean
    readonly capabilities?: { readonly drop?: readonly string[] }
  }
  readonly volumeMounts: readonly {
    readonly name: string
    readonly mountPath: string
    readonly readOnly?: boolean
    readonly subPath?: string
  }[]
}

export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string }
}

interface SecuritySettings {
  readonly runAsUser?: number
  readonly runAsGroup?: number
  readonly seccompProfile?: { readonly type: 'RuntimeDefault' }
}

export interface ApiVolume {
  readonly name: string
  readonly hostPath?: { readonly path: string }
  readonly emptyDir?: object
  readonly configMap?: { readonly name: string }
  readonly secret?: {
    readonly secretName: string
    readonly optional?: boolean
    readonly defaultMode: number
  }
  /** What admission adds: token, authority and namespace of the service account. */
  readonly projected?: object
}
