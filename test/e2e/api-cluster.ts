import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseConfig } from '../../config/parse-config.ts'
import type { KubeAccess } from '../../kube/access.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { openStore } from '../../storage/open-store.ts'
import { type Manifest, objectsOf } from '../deploy/objects.ts'
import { freePort } from '../free-port.ts'
import { startVersityGateway } from '../real-s3.ts'
import { ApiProcess, type Program, type StartOptions } from './api-process.ts'
import { Bucket } from './bucket.ts'
import { eventually } from './eventually.ts'
import { FRONT_PROXY_FLAGS } from './front-proxy-flags.ts'
import { findKubePrograms, type KubeCluster, NO_KUBE, startKubeCluster } from './kube-cluster.ts'
import { type CrashToPut, type PutCrash, putCrash } from './put-crash.ts'

/** Why there cannot be one here; `false`: there can. */
export const NO_API_CLUSTER = findKubePrograms() === null && NO_KUBE

/** What `cluster` in coredog.yaml says. */
export const CLUSTER = 'e2e'

/**
 * A real API server with coredog-api behind it, which reads a bucket of a real S3 server, with the rights and objects
 * of deploy/coredog-api.yaml. There is no node and no controller.
 */
export interface ApiCluster extends AsyncDisposable {
  /** The administrator's, and what makes users: `kubectl` takes `--as=jane`. */
  readonly kube: KubeCluster
  readonly api: ApiProcess
  /** As an installer would have it, who may write. */
  readonly store: ObjectStore
  /** Of coredog.yaml with the bucket, for `--config`. */
  readonly configFile: string
  /** Stores a crash as a handler does: core, report, log, program, and the names in the index. */
  putCrash(crash?: CrashToPut): Promise<PutCrash>
  /** Binds the ClusterRole to a user in a namespace; absent: in all. */
  bind(user: string, role: string, namespace?: string): Promise<void>
  /** What a service account of the namespace has, as kubeconfig: for programs that take one. */
  kubeconfigOf(access: KubeAccess): string
}

/** Resolves once the APIService is available. `options` are of `coredog-handler api run`; `program`: the sources. */
export async function startApiCluster(
  options: readonly string[] = [],
  program?: Program,
): Promise<ApiCluster> {
  await using opened = new AsyncDisposableStack()
  const programs = findKubePrograms()
  const s3 = await startVersityGateway()
  if (programs === null || s3 === null) throw new Error(NO_KUBE)
  opened.defer(() => s3.close())
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-api-'))
  opened.defer(() => rmSync(folder, { recursive: true, force: true }))
  using bucket = new Bucket(s3)
  const configFile = path.join(folder, 'coredog.yaml')
  writeFileSync(configFile, JSON.stringify({ cluster: CLUSTER, StorageConfig: bucket.storageConfig }))
  const store = openStore(parseConfig(JSON.stringify({ StorageConfig: bucket.storageConfig })).config.storage)
  const kube = opened.use(await startKubeCluster(programs, FRONT_PROXY_FLAGS))
  const port = await freePort()
  const api = opened.use(await installApi(kube, { folder, port, options, program }))
  await available(kube, options.includes('--detector-paths') ? [OWN, OF_THE_DETECTOR] : [OWN])
  const everything = opened.move()
  let bindings = 0
  return {
    ...{ kube, api, store, configFile },
    putCrash: crash => putCrash(store, CLUSTER, crash),
    bind: async (user, role, namespace) => {
      const where = namespace === undefined ? 'clusterrolebinding' : 'rolebinding'
      const within = namespace === undefined ? [] : [`--namespace=${namespace}`]
      bindings += 1
      const bound = [`binding-${bindings}`, `--clusterrole=${role}`, `--user=${user}`]
      await kube.kubectl(['create', where, ...bound, ...within])
    },
    kubeconfigOf: access => writeKubeconfig(folder, access),
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  }
}

const OWN = 'v1alpha1.coredog.io'
const OF_THE_DETECTOR = 'v1alpha1.coredump.fujitsu.com'

/** Until the API server has asked it, and believes its certificate. */
export async function available(kube: KubeCluster, names: readonly string[]): Promise<void> {
  const wait = ['wait', '--for=condition=Available', '--timeout=60s']
  for (const name of names)
    await eventually(`APIService ${name}`, 90, () => kube.kubectl([...wait, `apiservice/${name}`]))
}

async function installApi(
  kube: KubeCluster,
  { port, options, ...more }: Omit<StartOptions, 'access'>,
): Promise<ApiProcess> {
  await kube.addNamespace('coredog-system')
  const access = await kube.addServiceAccount('coredog-system', 'coredog-api')
  const items = manifestsFor(port, options.includes('--detector-paths'))
  await kube.kubectl(['apply', '--filename=-'], { apiVersion: 'v1', kind: 'List', items })
  return ApiProcess.start({ access, port, options, ...more })
}

const WITHOUT_A_NODE = ['ServiceAccount', 'Deployment', 'PodDisruptionBudget', 'NetworkPolicy']

/** Its Service leads to this machine: there is no network of pods. */
function manifestsFor(port: number, detectorPaths: boolean): Manifest[] {
  const items = objectsOf('coredog-api.yaml').filter(({ kind }) => !WITHOUT_A_NODE.includes(kind))
  const all = detectorPaths ? [...items, ...items.filter(isApiService).map(ofTheDetector)] : items
  return all.map(object => {
    if (object.kind === 'Service')
      return { ...object, spec: { type: 'ExternalName', externalName: 'localhost' } }
    if (object.kind === 'ClusterRole' && object.metadata.name === 'coredog-api') return mayBelieve(object)
    return isApiService(object) ? reachedAt(port, object) : object
  })
}

function isApiService({ kind }: Manifest): boolean {
  return kind === 'APIService'
}

function ofTheDetector(object: Manifest): Manifest {
  const metadata = { ...object.metadata, name: OF_THE_DETECTOR }
  return { ...object, metadata, spec: { ...object.spec, group: 'coredump.fujitsu.com' } }
}

function reachedAt(port: number, object: Manifest): Manifest {
  return { ...object, spec: { ...object.spec, service: { ...object.spec.service, port } } }
}

/** Both APIServices, as the overlay of the detector's paths has it. */
function mayBelieve(object: Manifest): Manifest {
  const rules = object.rules.map((rule: { resources: readonly string[] }) =>
    rule.resources.includes('apiservices') ? { ...rule, resourceNames: [OWN, OF_THE_DETECTOR] } : rule,
  )
  return { ...object, rules }
}

function writeKubeconfig(folder: string, access: KubeAccess): string {
  const file = path.join(folder, `kubeconfig-${path.basename(access.tokenFile ?? '')}`)
  const cluster = { server: access.url, 'certificate-authority': access.caFile }
  const config = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'test' },
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'account', user: { tokenFile: access.tokenFile } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'account' } }],
  }
  writeFileSync(file, JSON.stringify(config)) // JSON is YAML, too
  return file
}
