/**
 * CoreDog as its users get it: the image of `npm run image`, and deploy/coredog-fallback.yaml at a real API
 * server. What that makes of the pods, runs in a real containerd, with the rights and mounts that it says.
 */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { parse, stringify } from 'yaml'
import type { CrashReport } from '../../crash/report.ts'
import type { KubeObject } from '../../kube/objects.ts'
import { find, objectsOf } from '../deploy/objects.ts'
import { findProgram } from '../installed-program.ts'
import { NO_GATEWAY, type RealS3, startVersityGateway } from '../real-s3.ts'
import type { ApiPod } from './api-pod.ts'
import { Bucket } from './bucket.ts'
import { eventually } from './eventually.ts'
import { removeEarlierInstallation } from './installed-before.ts'
import { readKernelSettings } from './kernel-settings.ts'
import { findKubePrograms, type KubeCluster, NO_KUBE, startKubeCluster } from './kube-cluster.ts'
import { Kubelet, NODE_NAME, podOf } from './kubelet.ts'
import { nodeFiles } from './node-files.ts'
import type { Running } from './pod-as-stored.ts'
import { packReleases, type Releases } from './release-images.ts'
import type { RunningPod } from './running-pod.ts'
import { proxyService } from './service-proxy.ts'
import { openWorld, type World } from './world.ts'

const HANDLER = path.resolve(import.meta.dirname, '../../dist/coredog-handler')
const AS_SHIPPED = path.resolve(import.meta.dirname, '../../deploy/coredog-fallback.yaml')
const README = path.resolve(import.meta.dirname, '../../README.md')
const NAMESPACE = 'coredog-system'
const NAMES = { current: 'ghcr.io/coredog/coredog:0.1.0', next: 'ghcr.io/coredog/coredog:0.1.1' }
const OURS = /^\|\/\S+\/coredog-handler %P %e %t/

const programs = findKubePrograms()
const skip = (programs === null && NO_KUBE) || (findProgram('versitygw') === null && NO_GATEWAY)

describe('CoreDog of deploy/coredog-fallback.yaml, from the first apply to the last delete', {
  timeout: 600_000,
  skip,
}, () => {
  const opened = new AsyncDisposableStack()
  let world: World
  let cluster: KubeCluster
  let kubelet: Kubelet
  let bucket: Bucket
  let s3: RealS3
  let releases: Releases
  let found: { settings: ReturnType<typeof readKernelSettings>; files: string[] }
  let installer: RunningPod
  let webhook: RunningPod

  before(async () => {
    world = opened.use(await openWorld(HANDLER))
    await removeEarlierInstallation()
    opened.defer(removeEarlierInstallation)
    found = { settings: readKernelSettings(), files: nodeFiles() }
    s3 = (await startVersityGateway()) ?? assert.fail(NO_GATEWAY)
    opened.defer(s3.close)
    bucket = opened.use(new Bucket(s3))
    releases = await packReleases(NAMES, world.dir)
    await world.containerd.import(releases.current)
    cluster = opened.use(await startKubeCluster(programs!)) // skipped without them
    kubelet = await Kubelet.join(world, cluster)
    await cluster.addNamespace('shop', { 'pod-security.kubernetes.io/enforce': 'privileged' })
  })
  after(() => opened.disposeAsync())

  it('leaves the node alone until the ConfigMap is edited, and says what has to be set', async () => {
    await cluster.kubectl(['apply', '-f', AS_SHIPPED])
    installer = await start('daemonset/coredog-installer')
    webhook = await start('deployment/coredog-webhook')
    for (const pod of [installer, webhook]) {
      await pod.says('configuration refused', 'StorageConfig.S3Bucket is not set')
      assert.match(await pod.answers('readinessProbe', 503), /no valid configuration has been there yet/)
      await pod.answers('livenessProbe')
    }
    await described(
      `node/${NODE_NAME}`,
      'default',
      /ConfigurationRefused/,
      /StorageConfig\.S3Bucket is not set/,
    )
    assert.deepEqual(readKernelSettings(), found.settings)
    assert.deepEqual(nodeFiles().filter(isNoState), found.files)
  })

  it('works without the Secret as far as it can, and says what is missing', async () => {
    await apply(settings())
    await installer.refresh()
    await installer.answers('readinessProbe')
    assert.match(readKernelSettings().pattern, OURS)
    await installer.says('s3AccesskeyID is not set')
    await installer.says('webhookurl is not set')
    const pod = await kubelet.run(crasher('without-secret'))
    await pod.pod.crash()
    await installer.says('core goes to the spool')
    await installer.says('no credentials were found')
    await installer.says('crash spooled')
  })

  it('tells and stores as soon as the Secret is there', async () => {
    const file = path.join(world.dir, 'coredog-secrets.yaml')
    writeFileSync(file, stringify(secrets()))
    const secret = ['create', 'secret', 'generic', 'coredog-secrets', `--from-file=${file}`]
    await cluster.kubectl(['-n', NAMESPACE, ...secret])
    await Promise.all([installer.refresh(), webhook.refresh()])
    await eventually(
      'the Secret on the node',
      30,
      () => existsSync('/etc/coredog/coredog-secrets.yaml') || undefined,
    )
    await described('pod/without-secret', 'shop', /CoreDumped/)
  })

  it('has a webhook that makes its own certificate, and is called by the API server', async () => {
    await webhook.answers('readinessProbe')
    opened.use(await proxyService(cluster, { namespace: NAMESPACE, name: 'coredog-webhook' }, 8443))
    const mounts = await eventually('a pod that the webhook has seen', 60, async () => {
      const { stdout } = await cluster.kubectl(
        ['create', '-f', '-', '-o', 'json', '--dry-run=server'],
        crasher('trial'),
      )
      const { spec } = JSON.parse(stdout) as ApiPod
      return spec.volumes.some(({ name }) => name === 'coredog-corefile')
        ? spec.containers[0].volumeMounts
        : undefined
    })
    assert.ok(mounts.some(({ mountPath, subPath }) => mountPath === '/corefile' && subPath === 'app'))
  })

  it('brings the core of an annotated pod to the bucket, its owner a message, and the pod an Event', async () => {
    const { pod, report } = await crash('web-0')
    assert.match(
      report.core?.key ?? '',
      /^cores\/shop\/web-0\/app\/\d{8}T\d{6}Z-segfault-\d+-[0-9a-f]{12}\/core\.gz$/,
    )
    assert.deepEqual([report.core?.complete, report.node?.name], [true, NODE_NAME])
    assert.deepEqual([report.pod?.uid, report.signal?.name], [pod.object.metadata.uid, 'SIGSEGV'])
    assert.equal((await bucket.sizes()).get(report.core?.key ?? ''), report.core?.storedBytes)
    await world.chat.message('shop/web-0', 'SIGSEGV')
    await described('pod/web-0', 'shop', /Warning\s+CoreDumped/, /SIGSEGV/)
  })

  it('has a status that says all is well, as the README shows it', async () => {
    const readme = readFileSync(README, 'utf8')
    const [, command = ''] = /exec daemonset\/coredog-installer -- (.*)/.exec(readme) ?? []
    const { exitCode, stdout, stderr } = await installer.exec(...command.split(' '))
    assert.equal(exitCode, 0, stdout + stderr)
    assert.match(stdout, /coredog-handler/)
  })

  it('stays as it is when it is applied again', async () => {
    const authority = await caBundle()
    const { stdout } = await apply(settings())
    const changed = stdout.split('\n').filter(line => !line.endsWith(' unchanged'))
    // kubectl says so of every PodDisruptionBudget, whatever was written.
    assert.deepEqual(changed, ['poddisruptionbudget.policy/coredog-webhook configured'])
    await Promise.all([installer.refresh(), webhook.refresh()])
    await Promise.all([installer.answers('readinessProbe'), webhook.answers('readinessProbe')])
    assert.match(authority, /^LS0tLS1CRUdJTi/)
    assert.equal(await caBundle(), authority)
  })

  it('goes on as before when the ConfigMap cannot be used any more, and says why', async () => {
    await apply({ ...settings(), StorageConfig: { protocol: 'ftp' } })
    await Promise.all([installer.refresh(), webhook.refresh()])
    for (const pod of [installer, webhook])
      await pod.says('configuration refused', 'StorageConfig.protocol', 'ftp')
    await described(`node/${NODE_NAME}`, 'default', /StorageConfig\.protocol.*ftp/)
    assert.equal((await crash('while-refused')).report.core?.complete, true)
    assert.match(await installer.answers('readinessProbe', 503), /configuration refused: .*ftp/)
    await webhook.answers('readinessProbe')
    await apply(settings())
  })

  it('collects without the right to watch pods, and says which right it lacks', async () => {
    await cluster.kubectl(['delete', 'clusterrolebinding', 'coredog-installer'])
    await installer.stop()
    installer = await start('daemonset/coredog-installer')
    await installer.says('pods not watched', 'cannot list resource', 'ClusterRole')
    await installer.answers('readinessProbe')
    assert.equal((await crash('unwatched')).report.core?.complete, true)
    await apply(settings())
  })

  it('is upgraded without a gap', async () => {
    await world.containerd.import(releases.next)
    await cluster.kubectl([
      '-n',
      NAMESPACE,
      'set',
      'image',
      'daemonset/coredog-installer',
      `installer=${NAMES.next}`,
    ])
    const before = handler()
    const patterns = watchPattern()
    await installer.stop()
    assert.equal((await crash('between')).report.core?.complete, true)
    installer = await start('daemonset/coredog-installer')
    await installer.answers('readinessProbe')
    await eventually('the handler of the next release', 30, () => handler().size > before.size || undefined)
    assert.deepEqual(patterns(), [readKernelSettings().pattern])
    assert.equal(handler().size, before.size + 'newer'.length)
    assert.equal((await crash('upgraded')).report.core?.complete, true)
    await described('pod/between', 'shop', /CoreDumped/)
  })

  it('leaves the node as it was when its DaemonSet is deleted', async () => {
    await idle()
    await cluster.kubectl(['-n', NAMESPACE, 'delete', 'daemonset', 'coredog-installer'])
    await installer.stop()
    assertUntouched()
  })

  it('takes another directory where /usr is read-only, and says so', async () => {
    await apply(settings())
    const usr = { hostPath: '/usr', containerPath: '/host/usr', readonly: true }
    installer = await start('daemonset/coredog-installer', { mounts: [usr] })
    await installer.answers('readinessProbe')
    await installer.says('directory passed over', '/usr/local/bin', 'read-only')
    assert.match(readKernelSettings().pattern, /^\|\/opt\/coredog\/bin\/coredog-handler /)
    assert.equal((await crash('elsewhere')).report.core?.complete, true)
  })

  it('leaves the node as it was when all of it is deleted', async () => {
    await idle()
    await cluster.kubectl(['delete', '-f', edited(), '--wait=false'])
    await Promise.all([installer.stop(), webhook.stop()])
    assertUntouched()
  })

  /** Runs what the workload says now, as its controller and the kubelet would. */
  async function start(workload: string, running: Running = {}): Promise<RunningPod> {
    const { stdout } = await cluster.kubectl(['get', workload, '-n', NAMESPACE, '-o', 'json'])
    return await kubelet.run(podOf(JSON.parse(stdout)), { hostNetwork: true, ...running })
  }

  async function crash(name: string): Promise<{ pod: RunningPod; report: CrashReport }> {
    const pod = await kubelet.run(crasher(name))
    await pod.pod.crash()
    return { pod, report: await bucket.reportOf(pod.object.metadata.uid) }
  }

  function crasher(name: string): object {
    const app = { name: 'app', image: world.images.crashers.name, command: ['/bin/segfault'] }
    const annotations = { 'coredog.io/inject': 'true', 'coredog.io/path': '/corefile' }
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace: 'shop', name, annotations },
      spec: { nodeName: NODE_NAME, containers: [app] },
    }
  }

  /**
   * The ConfigMap as shipped, with what the README has people edit, and where all of that is on this machine.
   */
  function settings() {
    const { data } = find(objectsOf('coredog.yaml'), 'ConfigMap', 'coredog-config')
    const { StorageConfig, ...shipped } = parse(data['coredog.yaml'])
    const { region: s3Region, bucket: S3Bucket, endpoint: S3Endpoint } = s3
    return {
      ...shipped,
      StorageConfig: { ...StorageConfig, s3Region, S3Bucket, S3Endpoint, StoreDir: 'cores' },
      NoticeChannel: [{ chan: 'feishu' }],
      fallback: { hostPath: true, dumpsDir: path.join(world.dir, 'dumps') },
      cri: { sockets: [world.containerd.socket] },
      dedupe: { window: '0s' },
      limits: { perWorkload: 0 },
    }
  }

  function secrets() {
    const { accessKeyId: s3AccesskeyID, secretAccessKey: s3SecretAccessKey } = s3.credentials
    return {
      StorageConfig: { s3AccesskeyID, s3SecretAccessKey },
      NoticeChannel: [{ chan: 'feishu', webhookurl: world.chat.webhookUrl }],
    }
  }

  function edited(): string {
    return path.join(world.dir, 'coredog.yaml')
  }

  async function apply(changed: object) {
    const objects = objectsOf('coredog-fallback.yaml').map(object =>
      object.kind === 'ConfigMap' ? { ...object, data: { 'coredog.yaml': stringify(changed) } } : object,
    )
    writeFileSync(edited(), objects.map(object => stringify(object)).join('---\n'))
    return await cluster.kubectl(['apply', '-f', edited()])
  }

  /** Resolves once `kubectl describe` shows all of `texts`. */
  async function described(what: string, namespace: string, ...texts: readonly RegExp[]): Promise<void> {
    await eventually(`${texts.join(', ')} at ${what}`, 60, async () => {
      const { stdout } = await cluster.kubectl(['describe', what, '-n', namespace])
      for (const text of texts) assert.match(stdout, text)
      return true
    })
  }

  async function caBundle(): Promise<string> {
    const { webhooks } = await cluster.kube.get<WebhookConfiguration>(
      '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/coredog-webhook-config',
    )
    return webhooks[0]?.clientConfig.caBundle ?? ''
  }

  function assertUntouched(): void {
    assert.deepEqual(readKernelSettings(), found.settings)
    assert.deepEqual(nodeFiles(), found.files)
  }
})

interface WebhookConfiguration extends KubeObject {
  readonly webhooks: readonly { readonly clientConfig: { readonly caBundle?: string } }[]
}

function handler() {
  return statSync(readKernelSettings().pattern.slice(1).split(' ')[0] ?? '')
}

/** What the installer keeps for itself while it runs. */
function isNoState(file: string): boolean {
  return !/^\/(run|var\/lib)\/coredog[ /]/.test(file)
}

/** Resolves once no handler has anything left to do: a restore takes nothing away from one that has. */
async function idle(): Promise<void> {
  await eventually('the end of every handler', 60, () => {
    const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
    return !pids.some(isHandler) || undefined
  })
}

/** Throws when the process has gone meanwhile: then all are looked at again. Installer and webhook are the same program. */
function isHandler(pid: string): boolean {
  const [program = '', first = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  return program.endsWith('/coredog-handler') && !['installer', 'webhook'].includes(first)
}

/** Looks at core_pattern until it is asked, and says every value that was there. */
function watchPattern(): () => string[] {
  const seen = new Set<string>()
  const look = () => void seen.add(readKernelSettings().pattern)
  look()
  const timer = setInterval(look, 5).unref()
  return () => {
    clearInterval(timer)
    look()
    return [...seen]
  }
}
