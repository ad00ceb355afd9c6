import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { execa } from 'execa'
import { pino } from 'pino'
import { parse, stringify } from 'yaml'
import { eventOf, postEvent } from '../../installer/telemetry/events.ts'
import { KubeClient } from '../../kube/client.ts'
import { KubeError } from '../../kube/errors.ts'
import type { KubeObject } from '../../kube/objects.ts'
import type { Secret } from '../../serving/certificate/secret.ts'
import { CHART, findHelm, type Helm, NO_HELM, startHelm, type Written } from '../deploy/helm.ts'
import { HANDLER_IN_IMAGE } from './agent-image.ts'
import { eventually } from './eventually.ts'
import { findKubePrograms, type KubeCluster, NO_KUBE, startKubeCluster } from './kube-cluster.ts'

const programs = findKubePrograms()
const helmProgram = findHelm()
const skip = helmProgram === null ? NO_HELM : programs === null && NO_KUBE
const HANDLER = path.resolve(import.meta.dirname, '../../dist/coredog-handler')
const ORIGINAL = path.resolve(import.meta.dirname, '../fixtures/original')
const NAMESPACE = 'coredog-system'
const IN_NAMESPACE = `/api/v1/namespaces/${NAMESPACE}`
const APPS = `/apis/apps/v1/namespaces/${NAMESPACE}`
const CERTIFICATE = `${IN_NAMESPACE}/secrets/coredog-webhook-certificate`
const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/coredog-webhook-config'
const API_SERVICE = '/apis/apiregistration.k8s.io/v1/apiservices/v1alpha1.coredog.io'

interface Deployment extends KubeObject {
  readonly spec: { readonly template: { readonly spec: PodSpec } }
}

interface Pod extends KubeObject {
  readonly spec: PodSpec
}

interface PodSpec {
  readonly containers: readonly Container[]
  readonly volumes: readonly { readonly secret?: { readonly secretName: string } }[]
}

interface Container {
  readonly image: string
  readonly command: readonly string[]
  readonly env: readonly { readonly name: string; readonly value?: string }[]
  readonly readinessProbe: { readonly httpGet: object }
}

interface ApiService extends KubeObject {
  readonly spec: { readonly caBundle?: string }
}

interface WebhookConfiguration extends KubeObject {
  readonly webhooks: readonly {
    readonly name: string
    readonly failurePolicy: string
    readonly clientConfig: { readonly caBundle?: string }
  }[]
}

describe('deploy/chart at a real API server', { skip, timeout: 300_000 }, () => {
  let cluster: KubeCluster
  let helm: Helm
  let dir: string

  before(async () => {
    dir = mkdtempSync(path.join(tmpdir(), 'coredog-chart-'))
    helm = startHelm(helmProgram!) // skipped without it
    cluster = await startKubeCluster(programs!) // the same
    await run('install', 'coredog', originalChart(dir), '--create-namespace')
  })
  after(async () => {
    await cluster?.[Symbol.asyncDispose]()
    helm?.[Symbol.dispose]()
    rmSync(dir, { recursive: true, force: true })
  })

  it('takes the place of a release of the original, by its own values', async () => {
    const { stdout, stderr } = await run(
      ...['upgrade', 'coredog', CHART, `--values=${path.join(ORIGINAL, 'values.yaml')}`],
    )
    assert.equal(stderr, '')
    assert.match(stdout, /image\.repository names the original CoreDog's image/)
    assert.match(stdout, /holds a secret \(StorageConfig\.s3SecretAccessKey\)/)
    const named = [...new Set(stdout.match(/\b(?:daemonset|deployment)\/[a-z-]+/g))]
    assert.deepEqual(named, ['daemonset/coredog-installer'])
    await cluster.kubectl(['get', ...named, `--namespace=${NAMESPACE}`])
    for (const gone of [
      `${APPS}/daemonsets/coredog-watcher`,
      `${APPS}/deployments/coredog-webhook`,
      `${IN_NAMESPACE}/secrets/coredog-webhook-certs`,
      WEBHOOKS,
    ])
      await assert.rejects(cluster.kube.get(gone), isNotFound, gone)
  })

  it('has a webhook once the fallback is on', async () => {
    const { config } = parse(readFileSync(path.join(ORIGINAL, 'values.yaml'), 'utf8'))
    const values = path.join(dir, 'fallback.yaml')
    const coredog = `${config.coredog}\nfallback:\n  hostPath: true\n`
    writeFileSync(values, stringify({ config: { coredog } }))
    const { stdout, stderr } = await run('upgrade', 'coredog', CHART, '--reuse-values', `--values=${values}`)
    assert.equal(stderr, '')
    assert.match(stdout, /deployment\/coredog-webhook/)
    const { containers, volumes } = (
      await cluster.kube.get<Deployment>(`${APPS}/deployments/coredog-webhook`)
    ).spec.template.spec
    assert.deepEqual(
      containers.map(({ image }) => image),
      ['ghcr.io/coredog/coredog:0.1.0'],
    )
    assert.deepEqual(containers[0]?.readinessProbe.httpGet, {
      path: '/ready',
      port: 'metrics',
      scheme: 'HTTP',
    })
    const mounted = volumes.flatMap(({ secret }) => secret?.secretName ?? [])
    assert.ok(!mounted.includes('coredog-webhook-certs'), 'the key that everybody knows is still mounted')
    assert.equal(
      (await webhook()).clientConfig.caBundle,
      undefined,
      "the original's authority is still trusted",
    )
  })

  it('leaves as it is what the webhook wrote, and writes nothing that has not changed', async () => {
    await cluster.kubectl([
      ...['patch', 'mutatingwebhookconfiguration', 'coredog-webhook-config', '--type=json'],
      ...['-p', JSON.stringify([{ op: 'add', path: '/webhooks/0/clientConfig/caBundle', value: AUTHORITY }])],
    ])
    const certificate = { 'tls.crt': Buffer.from('of the webhook').toString('base64') }
    await cluster.kube.patch(CERTIFICATE, { data: certificate })
    const before = await versions()
    assert.ok(before.length > 10, String(before))
    await run('upgrade', 'coredog', CHART, '--reuse-values')
    assert.deepEqual(await versions(), before)
    await run(
      'upgrade',
      'coredog',
      CHART,
      '--reuse-values',
      '--set=webhook.failurePolicy=Fail,test.timeoutSeconds=60',
    )
    const { name, failurePolicy, clientConfig } = await webhook()
    assert.deepEqual([name, failurePolicy], ['pod-inject.coredog.io', 'Fail'])
    assert.equal(clientConfig.caBundle, AUTHORITY)
    assert.deepEqual((await cluster.kube.get<Secret>(CERTIFICATE)).data, certificate)
  })

  it('is passed by `helm test` when the installer says on the crashed pod that its core is stored', async t => {
    const tested = run('test', 'coredog', '--timeout=90s')
    const where = `${IN_NAMESPACE}/pods/coredog-test`
    const pod = await eventually('the pod that crashes', 60, () => cluster.kube.get<Pod>(where))
    const crashed = runAsKubelet(pod)
    const installer = new KubeClient(await tokenOf('coredog-installer'))
    t.after(() => installer.close())
    const { name, uid } = pod.metadata ?? {}
    const report = { id: '344dd1c19c60', pod: { namespace: NAMESPACE, name, uid }, core: { key: 'core.gz' } }
    const stored = eventOf(
      { level: 30, time: new Date().toISOString(), msg: 'crash stored', report },
      'node-1',
    )
    await postEvent(installer, stored!, pino({ level: 'silent' })) // whose pod it was is known
    const { exitCode, all } = await crashed
    await cluster.kube.patch(`${where}/status`, {
      status: { phase: exitCode === 0 ? 'Succeeded' : 'Failed' },
    })
    const { stdout } = await tested.catch(cause => {
      throw new Error(all, { cause })
    })
    assert.match(stdout, /TEST SUITE: +coredog-test\n.*\n.*\nPhase: +Succeeded/)
    assert.match(all ?? '', /^CoreDumped: Process "\?" died\. Core: core\.gz\.$/m)
    const { metadata } = await cluster.kube.get<Pod>(where)
    assert.deepEqual(
      metadata?.ownerReferences?.map(({ kind, name }) => `${kind} ${name}`),
      ['ServiceAccount coredog-test'],
    )
  })

  it('has coredog-api once it is asked for, and leaves what that wrote', async () => {
    const { stdout } = await run('upgrade', 'coredog', CHART, '--reuse-values', '--set=api.enabled=true')
    assert.match(stdout, /^ {2}kubectl get apiservice v1alpha1\.coredog\.io$/m)
    await cluster.kube.patch(API_SERVICE, { spec: { caBundle: AUTHORITY } })
    // No replica runs here, so its group cannot be discovered: Helm does its work all the same.
    await run('upgrade', 'coredog', CHART, '--reuse-values', '--set=api.replicas=1')
    assert.equal((await cluster.kube.get<ApiService>(API_SERVICE)).spec.caBundle, AUTHORITY)
  })

  it('is gone after `helm uninstall`, but for the namespace and what tests made', async () => {
    await run('uninstall', 'coredog')
    const { stdout } = await cluster.kubectl([...GET_ALL, '-o', 'name'])
    assert.equal(stdout, '')
    for (const gone of [
      `${APPS}/daemonsets/coredog-installer`,
      `${IN_NAMESPACE}/secrets/coredog-secrets`,
      CERTIFICATE,
      WEBHOOKS,
      API_SERVICE,
    ])
      await assert.rejects(cluster.kube.get(gone), isNotFound)
  })

  it('takes over what kubectl applied, when it is told to', async () => {
    const rendered = path.resolve(CHART, '../coredog.yaml')
    await cluster.kubectl(['apply', '-f', rendered])
    await assert.rejects(run('install', 'coredog', CHART), /invalid ownership metadata/)
    await run('install', 'coredog', CHART, '--take-ownership')
    await run('uninstall', 'coredog')
    await assert.rejects(cluster.kube.get(`${APPS}/daemonsets/coredog-installer`), isNotFound)
  })

  function run(...args: readonly string[]): Promise<Written> {
    const { url, tokenFile, caFile } = cluster.access
    const access = [`--kube-apiserver=${url}`, `--kube-ca-file=${caFile}`, `--namespace=${NAMESPACE}`]
    return helm([...args, ...access, `--kube-token=${readFileSync(tokenFile ?? '', 'utf8')}`])
  }

  async function webhook(): Promise<WebhookConfiguration['webhooks'][number]> {
    const { webhooks } = await cluster.kube.get<WebhookConfiguration>(WEBHOOKS)
    assert.ok(webhooks[0])
    return webhooks[0]
  }

  /** Kind, name and resource version of what the chart made. */
  async function versions(): Promise<string[]> {
    const { stdout } = await cluster.kubectl([...GET_ALL, '-o', 'json'])
    const { items } = JSON.parse(stdout) as { items: KubeObject[] }
    return items.map(({ kind, metadata }) => `${kind} ${metadata?.name} ${metadata?.resourceVersion}`)
  }

  async function tokenOf(name: string) {
    const tokenFile = path.join(dir, name)
    const { stdout } = await cluster.kubectl(['create', 'token', name, `--namespace=${NAMESPACE}`])
    writeFileSync(tokenFile, stdout)
    return { ...cluster.access, tokenFile }
  }

  /** The first container of `pod`, as far as it can be had without its image. */
  async function runAsKubelet({ metadata, spec }: Pod) {
    const [container] = spec.containers
    const { url, caFile, tokenFile } = await tokenOf('coredog-test')
    const folder = mkdtempSync(path.join(dir, 'service-account-'))
    cpSync(tokenFile, path.join(folder, 'token'))
    cpSync(caFile ?? assert.fail(), path.join(folder, 'ca.crt'))
    const given = container?.env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]))
    const [program = '', ...args] = container?.command ?? []
    assert.equal(program, HANDLER_IN_IMAGE)
    return execa(HANDLER, [...args, `--service-account=${folder}`], {
      cwd: dir,
      reject: false,
      all: true,
      env: {
        ...Object.fromEntries(given ?? []),
        POD_NAMESPACE: NAMESPACE,
        POD_UID: metadata?.uid ?? '',
        KUBERNETES_SERVICE_HOST: new URL(url).hostname,
        KUBERNETES_SERVICE_PORT: new URL(url).port,
      },
    })
  }
})

const AUTHORITY = Buffer.from('the authority of the webhook').toString('base64')
const KINDS = [
  ...['daemonsets', 'deployments', 'services', 'configmaps', 'secrets', 'serviceaccounts', 'resourcequotas'],
  ...['poddisruptionbudgets', 'roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'],
  ...['mutatingwebhookconfigurations', 'validatingadmissionpolicies', 'validatingadmissionpolicybindings'],
  'networkpolicies',
]
const GET_ALL = ['get', KINDS.join(','), '-n', NAMESPACE, '-l', 'app.kubernetes.io/managed-by=Helm']

function isNotFound(error: unknown): boolean {
  return error instanceof KubeError && error.status === 404
}

/** A chart of what the original's leaves in a cluster. */
function originalChart(dir: string): string {
  const chart = path.join(dir, 'original')
  mkdirSync(path.join(chart, 'templates'), { recursive: true })
  writeFileSync(path.join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: coredog\nversion: 0.1.0\n')
  cpSync(path.join(ORIGINAL, 'values.yaml'), path.join(chart, 'values.yaml'))
  const objects = readFileSync(path.join(ORIGINAL, 'objects.yaml'), 'utf8').split(/^---$/m)
  // Helm makes the namespace.
  const made = objects.filter(object => !object.includes('kind: Namespace'))
  writeFileSync(path.join(chart, 'templates/objects.yaml'), made.join('---'))
  return chart
}
