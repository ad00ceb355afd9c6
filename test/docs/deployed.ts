import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parseAllDocuments } from 'yaml'
import { ROOT } from './documents.ts'

/** What of a manifest is looked at. */
export interface Manifest {
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly rules?: readonly {
    readonly apiGroups: readonly string[]
    readonly resources: readonly string[]
    readonly resourceNames?: readonly string[]
    readonly verbs: readonly string[]
  }[]
  readonly spec?: { readonly template?: { readonly metadata: Manifest['metadata']; readonly spec?: PodSpec } }
}

/** What of a pod is looked at: what it may do, and what it takes. */
export interface PodSpec {
  readonly hostNetwork?: boolean
  readonly hostPID?: boolean
  readonly hostIPC?: boolean
  readonly securityContext?: { readonly runAsUser?: number }
  readonly priorityClassName?: string
  readonly tolerations?: readonly object[]
  readonly volumes?: readonly { readonly hostPath?: { readonly path: string } }[]
  readonly containers: readonly {
    readonly securityContext?: {
      readonly privileged?: boolean
      readonly runAsUser?: number
      readonly allowPrivilegeEscalation?: boolean
      readonly readOnlyRootFilesystem?: boolean
      readonly capabilities?: { readonly add?: readonly string[] }
    }
    readonly resources: Readonly<Record<'requests' | 'limits', Readonly<Record<string, string>>>>
    readonly volumeMounts?: readonly { readonly mountPropagation?: string }[]
  }[]
}

/** All that can be applied: coredog-fallback.yaml has all of coredog.yaml, and the webhook. */
export const DEPLOYED: readonly Manifest[] = ['coredog-fallback.yaml', 'coredog-api.yaml']
  .flatMap(file => parseAllDocuments(readFileSync(path.join(ROOT, 'deploy', file), 'utf8')))
  .map(document => document.toJS())

/** Whether our namespace, or the cluster, has this object once CoreDog runs. `kind` as kubectl takes it. */
export function isDeployed(kind: string, name: string): boolean {
  const full = SHORT[kind] ?? kind.replace(/s$/, '')
  if (full === 'secret') return SECRETS.includes(name)
  return DEPLOYED.some(({ kind: its, metadata }) => its.toLowerCase() === full && metadata.name === name)
}

const SHORT: Readonly<Record<string, string>> = {
  ds: 'daemonset',
  deploy: 'deployment',
  cm: 'configmap',
  ns: 'namespace',
}

/** The user makes `…-secrets` and `…-tls`; `coredog-webhook-certs` is of the original CoreDog, and to be removed. */
const SECRETS = [
  'coredog-api-certificate',
  'coredog-api-secrets',
  'coredog-api-tls',
  'coredog-secrets',
  'coredog-webhook-certificate',
  'coredog-webhook-certs',
  'coredog-webhook-tls',
]

/** Whether a selector such as `a=b,c=d` finds pods of ours. */
export function selectsPods(selector: string): boolean {
  const wanted = selector.split(',').map(term => term.split('='))
  return DEPLOYED.some(({ spec }) => {
    const labels = spec?.template?.metadata.labels ?? {}
    return wanted.every(([key = '', value]) => labels[key] === value)
  })
}
