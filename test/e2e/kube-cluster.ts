import { spawn } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { execa } from 'execa'
import type { KubeAccess } from '../../kube/access.ts'
import { KubeClient } from '../../kube/client.ts'
import type { KubeObject } from '../../kube/objects.ts'
import { freePort } from '../free-port.ts'
import { findProgram } from '../installed-program.ts'
import { eventually } from './eventually.ts'

/**
 * A real API server over an empty etcd. There is no node, no kubelet and no controller: a pod stays as it was
 * stored, and no controller cleans up what is deleted.
 */
export interface KubeCluster extends AsyncDisposable {
  /** The administrator's, who may do everything. */
  readonly access: KubeAccess
  readonly kube: KubeClient
  /** As the administrator, with `input` as JSON on standard input. Rejects when kubectl fails. */
  kubectl(args: readonly string[], input?: object): Promise<Written>
  /**
   * Its service account `default` comes with it: a controller would make it, and no pod gets in without one.
   */
  addNamespace(name: string, labels?: Readonly<Record<string, string>>): Promise<void>
  /** What a pod of a new service account has. No role is bound to it. */
  addServiceAccount(namespace: string, name: string): Promise<KubeAccess>
}

/** What a program wrote. kubectl says warnings to standard error. */
export interface Written {
  readonly stdout: string
  readonly stderr: string
}

/** The programs of a cluster. */
export interface KubePrograms {
  readonly etcd: string
  readonly apiServer: string
  readonly kubectl: string
}

/** What to say where {@link findKubePrograms} answers `null`. */
export const NO_KUBE = 'etcd, kube-apiserver or kubectl is not installed; .ci/install builds them'

export function findKubePrograms(): KubePrograms | null {
  const [etcd, apiServer, kubectl] = ['etcd', 'kube-apiserver', 'kubectl'].map(findProgram)
  return etcd && apiServer && kubectl ? { etcd, apiServer, kubectl } : null
}

const SCRIPT = path.join(import.meta.dirname, 'kube-cluster.sh')
const START_SECONDS = 90
const KUBECTL_SECONDS = 30

/**
 * Resolves once the API server is ready. All of it is gone when it is disposed of, and when we are killed.
 */
export async function startKubeCluster(
  programs: KubePrograms,
  apiServerArguments: readonly string[] = [],
): Promise<KubeCluster> {
  await using opened = new AsyncDisposableStack()
  const dir = mkdtempSync(path.join(tmpdir(), 'coredog-kube-'))
  const access = await launch(programs, dir, apiServerArguments, opened)
  const kubectl = kubectlOf(programs, dir, access)
  await eventually('a ready API server', START_SECONDS, () => kubectl(['get', '--raw', '/readyz'])).catch(
    cause => {
      const logs = ['etcd.log', 'kube-apiserver.log'].map(name => endOf(path.join(dir, name)))
      throw new Error(`Cannot start a cluster:\n${logs.join('\n')}`, { cause })
    },
  )
  const kube = opened.adopt(new KubeClient(access), client => client.close())
  const addServiceAccount = (namespace: string, name: string) =>
    createServiceAccount(kube, dir, access, namespace, name)
  const everything = opened.move()
  return {
    access,
    kube,
    kubectl,
    addNamespace: async (name, labels = {}) => {
      const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }
      await kube.create('/api/v1/namespaces', namespace)
      await addServiceAccount(name, 'default')
    },
    addServiceAccount,
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  }
}

/** Starts the two servers, under a shell in a session of its own: Ctrl-C is not for it, the end of us is. */
async function launch(
  { etcd, apiServer }: KubePrograms,
  dir: string,
  apiServerArguments: readonly string[],
  opened: AsyncDisposableStack,
): Promise<KubeAccess> {
  const token = randomBytes(16).toString('hex')
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  writeFileSync(path.join(dir, 'accounts.key'), privateKey.export({ type: 'sec1', format: 'pem' }))
  writeFileSync(path.join(dir, 'tokens.csv'), `${token},administrator,administrator,system:masters\n`)
  writeFileSync(path.join(dir, 'token'), token)
  const port = await freePort()
  const ports = [await freePort(), await freePort(), port].map(String)
  const shell = spawn('sh', [SCRIPT, dir, etcd, apiServer, ...ports, ...apiServerArguments], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  })
  const gone = once(shell, 'exit')
  opened.defer(async () => {
    shell.stdin.end()
    await gone
  })
  return {
    url: `https://127.0.0.1:${port}`,
    tokenFile: path.join(dir, 'token'),
    caFile: path.join(dir, 'apiserver.crt'),
    namespaceFile: null,
  }
}

function kubectlOf(programs: KubePrograms, dir: string, access: KubeAccess): KubeCluster['kubectl'] {
  const kubeconfig = path.join(dir, 'kubeconfig')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server: access.url, 'certificate-authority': access.caFile } }],
    users: [{ name: 'administrator', user: { tokenFile: access.tokenFile } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'administrator' } }],
    'current-context': 'test',
  }
  writeFileSync(kubeconfig, JSON.stringify(config)) // JSON is YAML, too
  return (args, input) =>
    execa(programs.kubectl, ['--kubeconfig', kubeconfig, ...args], {
      timeout: KUBECTL_SECONDS * 1000,
      env: { HOME: dir }, // its cache
      ...(input === undefined ? {} : { input: JSON.stringify(input) }),
    })
}

async function createServiceAccount(
  kube: KubeClient,
  dir: string,
  access: KubeAccess,
  namespace: string,
  name: string,
): Promise<KubeAccess> {
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`
  await kube.create(accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } })
  const asked = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }
  const { status } = await kube.create<TokenRequest>(`${accounts}/${name}/token`, asked)
  const tokenFile = path.join(dir, `${namespace}.${name}.token`)
  const namespaceFile = path.join(dir, `${namespace}.namespace`)
  writeFileSync(tokenFile, status?.token ?? '')
  writeFileSync(namespaceFile, namespace)
  return { ...access, tokenFile, namespaceFile }
}

interface TokenRequest extends KubeObject {
  readonly spec: object
  readonly status?: { readonly token: string }
}

function endOf(file: string): string {
  return readFileSync(file, 'utf8').slice(-2000)
}
