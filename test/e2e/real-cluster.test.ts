/**
 * CoreDog in a cluster whose every part is real: scheduler, controllers and a kubelet beside the API server,
 * with Pod Security `baseline` as the cluster's default. What it keeps of workloads that crash, and what it
 * leaves on the node in each of the ways in which people uninstall.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { stringify } from 'yaml'
import type { CrashReport } from '../../crash/report.ts'
import { CHART, findHelm, type Helm, NO_HELM, startHelm } from '../deploy/helm.ts'
import { find, type Manifest, objectsOf } from '../deploy/objects.ts'
import { eventually } from './eventually.ts'
import { removeEarlierInstallation } from './installed-before.ts'
import { readKernelSettings } from './kernel-settings.ts'
import { findKubePrograms, type KubeCluster, NO_KUBE, startKubeCluster } from './kube-cluster.ts'
import { NODE_NAME } from './kubelet.ts'
import { nodeFiles } from './node-files.ts'
import { apiServerArguments, findNodePrograms, NO_KUBELET, startRealNode } from './real-node.ts'
import { packReleases } from './release-images.ts'
import { openWorld, type World } from './world.ts'

const HANDLER = path.resolve(import.meta.dirname, '../../dist/coredog-handler')
const NAMESPACE = 'coredog-system'
const NAMES = { current: 'ghcr.io/coredog/coredog:0.1.0', next: 'ghcr.io/coredog/coredog:0.1.1' }
const OURS = /^\|\/\S+\/coredog-handler %P %e %t/
const SECONDS = 120

const programs = findKubePrograms()
const nodePrograms = findNodePrograms()
const helmProgram = findHelm()
const skip =
  (programs === null && NO_KUBE) || (nodePrograms === null && NO_KUBELET) || (helmProgram === null && NO_HELM)

describe('CoreDog in a cluster with a kubelet, a scheduler and controllers', {
  timeout: 900_000,
  skip,
}, () => {
  const opened = new AsyncDisposableStack()
  let world: World
  let cluster: KubeCluster
  let helm: Helm
  let found: { settings: ReturnType<typeof readKernelSettings>; files: string[] }

  before(async () => {
    world = opened.use(await openWorld(HANDLER))
    await removeEarlierInstallation()
    opened.defer(removeEarlierInstallation)
    found = { settings: readKernelSettings(), files: nodeFiles() }
    await world.containerd.import((await packReleases(NAMES, world.dir)).current)
    helm = opened.use(startHelm(helmProgram!)) // skipped without it
    cluster = opened.use(await startKubeCluster(programs!, apiServerArguments(world.dir))) // the same
    opened.use(await startRealNode(nodePrograms!, world, cluster)) // the same
  })
  after(() => opened.disposeAsync())

  it('is installed by kubectl apply, and ready', async () => {
    await install()
    await ready()
  })

  for (const { kind, workload } of [
    { kind: 'Deployment', workload: 'Deployment/checkout' },
    { kind: 'StatefulSet', workload: 'StatefulSet/ledger' },
    { kind: 'Job', workload: 'Job/report' },
  ])
    it(`keeps the core of a ${kind} that crashes, and says whose it was`, async () => {
      const name = workload.split('/')[1] ?? ''
      await cluster.kubectl(['apply', '-f', '-'], manifest(kind, name))
      const { report } = await world.store.crash(`the crash of ${workload}`, isOf(workload))
      assert.deepEqual(
        [report.core?.complete, report.signal?.name, report.node?.name, report.container?.name],
        [true, 'SIGSEGV', NODE_NAME, 'app'],
      )
      assert.match(report.node?.cluster ?? '', /^[0-9a-f]{8}$/)
      await eventually(`an Event of ${workload}`, SECONDS, async () => {
        const events = ['-n', 'default', 'get', 'events', '--field-selector=reason=CoreDumped', '-o', 'name']
        const { stdout } = await cluster.kubectl(events)
        return stdout.includes(`/${report.pod?.name}.`) || undefined
      })
      await cluster.kubectl(['-n', 'default', 'delete', kind, name, '--wait=false'])
    })

  it('blanks what a Secret has that the kubelet mounted, wherever a program shows it', async () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'default', name: 'door' } }
    await cluster.kubectl(['apply', '-f', '-'], { ...secret, stringData: { word: SESAME } })
    await cluster.kubectl(['apply', '-f', '-'], withSecret(manifest('Job', 'sesame')))
    // It crashes once, maybe before the installer knows whose pod it is.
    const isOfJob = ({ pod }: CrashReport) => pod?.name?.startsWith('sesame-') === true
    const { report, folder } = await world.store.crash('the crash of the job', isOfJob)
    assert.deepEqual(report.process?.arguments, ['/bin/last-words', '--say=***', 'and', '***'])
    const stored = (name: string) => readFileSync(path.join(world.store.root, folder, name), 'utf8')
    for (const name of ['report.json', 'log.txt']) assert.doesNotMatch(stored(name), new RegExp(SESAME))
    assert.match(stored('log.txt'), / stderr FATAL ERROR: no carts for nobody\n\S+ stderr --say=\*\*\*\n$/)
    assert.deepEqual(report.crash?.lastWords, ['FATAL ERROR: no carts for nobody'])
    await cluster.kubectl(['-n', 'default', 'delete', 'job/sesame', 'secret/door', '--wait=false'])
  })

  it('leaves the node as it was when its DaemonSet is deleted', async () => {
    await cluster.kubectl(['-n', NAMESPACE, 'delete', 'daemonset', 'coredog-installer', '--wait=false'])
    await untouched()
  })

  it('leaves the node as it was when its namespace is deleted', async () => {
    await install()
    await ready()
    await cluster.kubectl(['delete', 'namespace', NAMESPACE, '--wait=false'])
    await untouched()
    await gone('namespace', NAMESPACE)
  })

  it('leaves the node as it was when all of it is deleted', async () => {
    await install()
    await ready()
    await cluster.kubectl(['delete', '-f', edited(), '--wait=false'])
    await untouched()
    await gone('namespace', NAMESPACE)
  })

  it('leaves the node as it was when ArgoCD prunes it', async () => {
    await install()
    await ready()
    // All of one sync wave at once, in the foreground unless told otherwise: runTasks and getDeleteOptions in
    // gitops-engine/pkg/sync/sync_context.go of argo-cd.
    await Promise.all(objectsOf('coredog.yaml').map(object => remove(object, 'foreground')))
    await untouched()
    await gone('namespace', NAMESPACE)
  })

  it('leaves the node as it was when its rights are deleted before its DaemonSet, one by one', async () => {
    await install()
    await ready()
    const kinds = ['ServiceAccount', 'RoleBinding', 'ClusterRoleBinding', 'Role', 'ClusterRole', 'DaemonSet']
    for (const kind of kinds)
      await remove(find(objectsOf('coredog.yaml'), kind, 'coredog-installer'), 'background')
    await untouched()
    await remove(find(objectsOf('coredog.yaml'), 'ClusterRole', 'coredog-operator'), 'background')
    await remove(find(objectsOf('coredog.yaml'), 'Namespace', NAMESPACE), 'background')
    await gone('namespace', NAMESPACE)
  })

  it('leaves the node as it was when Helm uninstalls it', async () => {
    await cluster.kubectl(['create', 'namespace', NAMESPACE])
    await cluster.kubectl(['label', 'namespace', NAMESPACE, 'pod-security.kubernetes.io/enforce=privileged'])
    const values = path.join(world.dir, 'values.yaml')
    writeFileSync(values, stringify({ config: { coredog: stringify(settings()) } }))
    await run('install', 'coredog', CHART, `--values=${values}`, '--wait', `--timeout=${SECONDS}s`)
    // Of one node Helm waits for none: a tenth of the nodes may be unready, rounded up.
    const { stdout } = await run('test', 'coredog', `--timeout=${SECONDS}s`)
    assert.match(stdout, /TEST SUITE: +coredog-test\n.*\n.*\nPhase: +Succeeded/)
    await world.store.crash('the crash of helm test', ({ pod }) => pod?.name === 'coredog-test')
    await run('uninstall', 'coredog')
    await untouched()
    await gone('pod', 'coredog-test')
  })

  // The last one: a kubelet registers its node when it starts, and never again.
  it('stays on a node that is drained, and leaves it as it was when the node is deleted', async () => {
    await install()
    await ready()
    await cluster.kubectl(['drain', NODE_NAME, '--ignore-daemonsets', '--force', `--timeout=${SECONDS}s`])
    await ready()
    await cluster.kubectl(['delete', 'node', NODE_NAME])
    // As the garbage collector of pods does 40 to 60 seconds after a node is gone, without asking its
    // kubelet.
    const pods = ['delete', 'pod', '--selector=app.kubernetes.io/component=installer']
    await cluster.kubectl(['-n', NAMESPACE, ...pods, '--grace-period=0', '--force'])
    await untouched()
  })

  async function install(): Promise<void> {
    const objects = objectsOf('coredog.yaml').map(object =>
      object.kind === 'ConfigMap' ? { ...object, data: { 'coredog.yaml': stringify(settings()) } } : object,
    )
    writeFileSync(edited(), objects.map(object => stringify(object)).join('---\n'))
    await cluster.kubectl(['apply', '-f', edited()])
  }

  async function remove(object: Manifest, cascade: 'foreground' | 'background'): Promise<void> {
    await cluster.kubectl(
      ['delete', `--cascade=${cascade}`, '--wait=false', '--ignore-not-found', '-f', '-'],
      object,
    )
  }

  function settings(): object {
    // A container that crashes again before its pod is deleted would leave a message for the installer to settle, which
    // stays on the node where that is deleted first: whoever installs again settles it.
    const quiet = { ...world.settings, NoticeChannel: [] }
    return { ...quiet, cri: { sockets: [world.containerd.socket] }, collect: { pods: 'annotated' } }
  }

  function edited(): string {
    return path.join(world.dir, 'coredog.yaml')
  }

  async function ready(): Promise<void> {
    await eventually('a ready installer', SECONDS, async () => {
      const { stdout } = await cluster.kubectl([
        ...['-n', NAMESPACE, 'get', 'daemonset', 'coredog-installer'],
        ...['-o', 'jsonpath={.status.numberReady}'],
      ])
      return stdout === '1' || undefined
    })
    assert.match(readKernelSettings().pattern, OURS)
  }

  /** Settings, handler, folders: and with them the keys of the store. */
  async function untouched(): Promise<void> {
    await eventually('the node as it was', SECONDS, () => {
      assert.deepEqual(readKernelSettings(), found.settings)
      assert.deepEqual(nodeFiles(), found.files)
      return true
    })
    await eventually('the end of its pods', SECONDS, async () => {
      const pods = [
        '-n',
        NAMESPACE,
        'get',
        'pods',
        '-l',
        'app.kubernetes.io/component=installer',
        '-o',
        'name',
      ]
      const { stdout } = await cluster.kubectl(pods)
      return stdout === '' || undefined
    })
  }

  async function gone(kind: string, name: string): Promise<void> {
    await eventually(`the end of ${kind} ${name}`, SECONDS, async () => {
      const { stdout } = await cluster.kubectl([
        '-n',
        NAMESPACE,
        'get',
        kind,
        name,
        '--ignore-not-found',
        '-o',
        'name',
      ])
      return stdout === '' || undefined
    })
  }

  function manifest(kind: string, name: string): Workload {
    return workloadOf(kind, name, world.images.crashers.name)
  }

  async function run(...args: readonly string[]) {
    const kubeconfig = path.join(path.dirname(cluster.access.caFile ?? ''), 'kubeconfig')
    return await helm([...args, `--kubeconfig=${kubeconfig}`, `--namespace=${NAMESPACE}`])
  }
})

type Workload = ReturnType<typeof workloadOf>

function workloadOf(kind: string, name: string, image: string) {
  const labels = { app: name }
  const restartPolicy = kind === 'Job' ? 'Never' : 'Always'
  const container = { name: 'app', image, command: ['/bin/segfault'] }
  const template = {
    metadata: { labels, annotations: { 'coredog.io/inject': 'true' } },
    spec: { restartPolicy, containers: [container] },
  }
  const selected = kind === 'Job' ? { backoffLimit: 0 } : { selector: { matchLabels: labels } }
  const spec = { ...selected, ...(kind === 'StatefulSet' && { serviceName: name }), template }
  const apiVersion = kind === 'Job' ? 'batch/v1' : 'apps/v1'
  return { apiVersion, kind, metadata: { namespace: 'default', name }, spec }
}

/** No word of it says what it is. */
const SESAME = 'open-for-the-forty'

/** Its container shows it, by a name of which nothing is known. */
function withSecret({ spec: { template, ...job }, ...object }: Workload): object {
  const { containers, ...pod } = template.spec
  const env = [{ name: 'WORD', valueFrom: { secretKeyRef: { name: 'door', key: 'word' } } }]
  const words = ['--say=$(WORD)', 'and', '$(WORD)']
  const volumeMounts = [{ name: 'door', mountPath: '/etc/door' }]
  const volumes = [{ name: 'door', secret: { secretName: 'door' } }]
  const shown = containers.map(container => ({
    ...container,
    env,
    command: ['/bin/last-words', ...words],
    volumeMounts,
  }))
  const spec = { ...pod, volumes, containers: shown }
  return { ...object, spec: { ...job, template: { ...template, spec } } }
}

function isOf(workload: string): (report: CrashReport) => boolean {
  return ({ pod }) => `${pod?.workload?.kind}/${pod?.workload?.name}` === workload
}
