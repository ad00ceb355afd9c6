import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { after, before, describe, it } from 'node:test'
import { CustomObjectsApi, KubeConfig, type KubernetesObject, makeInformer } from '@kubernetes/client-node'
import type { Coredump } from '../../coredump/coredump.ts'
import type { KubeAccess } from '../../kube/access.ts'
import { findProgram } from '../installed-program.ts'
import { type ApiCluster, NO_API_CLUSTER, startApiCluster } from './api-cluster.ts'
import { eventually } from './eventually.ts'
import type { PutCrash } from './put-crash.ts'

/** A coredump as its types have it. */
type Listed = KubernetesObject & Pick<Coredump, 'spec'>

const LIST = { group: 'coredog.io', version: 'v1alpha1', namespace: 'shop', plural: 'coredumps' }

describe('coredumps by the clients that there are', { skip: NO_API_CLUSTER, timeout: 300_000 }, () => {
  let cluster: ApiCluster
  let crashes: readonly PutCrash[]
  let old: PutCrash
  let watcher: KubeAccess
  let kubeconfig: string

  /** As one who may see what is in `shop`. */
  const get = async (...args: string[]) =>
    (await cluster.kube.kubectl(['get', 'cores', '-n', 'shop', '--as=viewer', ...args])).stdout
  const names = async (...args: string[]) =>
    (await get('--no-headers', ...args))
      .trim()
      .split('\n')
      .map(line => line.split(/\s+/)[0])

  before(async () => {
    cluster = await startApiCluster()
    for (const namespace of ['shop', 'bank']) await cluster.kube.addNamespace(namespace)
    await cluster.bind('viewer', 'coredog-viewer', 'shop')
    await cluster.bind('of-all', 'coredog-viewer')
    await cluster.bind('system:serviceaccount:shop:watcher', 'coredog-viewer', 'shop')
    watcher = await cluster.kube.addServiceAccount('shop', 'watcher')
    kubeconfig = cluster.kubeconfigOf(watcher)
    const put = []
    for (const at of [3, 2, 1, 0])
      put.push(
        await cluster.putCrash({
          pod: `checkout-${at}`,
          container: at === 0 ? 'sidecar' : 'app',
          time: new Date(Date.now() + 60_000 - at * 1000),
        }),
      )
    crashes = put.toReversed()
    old = await cluster.putCrash({ pod: 'of-another-owner', time: new Date('2026-01-01T00:00:00Z') })
    await cluster.putCrash({ namespace: 'bank', pod: 'teller', time: new Date(Date.now() + 60_000) })
  })
  after(async () => {
    await cluster?.[Symbol.asyncDispose]()
  })

  it('kubectl get has a line for each crash of the namespace, the newest first, and none from before it', async () => {
    const [head = '', ...lines] = (await get()).trimEnd().split('\n')
    assert.deepEqual(head.split(/\s+/), [
      'NAME',
      'POD',
      'CONTAINER',
      'REASON',
      'SIGNAL',
      'SEEN',
      'SIZE',
      'AGE',
    ])
    assert.deepEqual(
      lines.map(line => line.split(/\s+/)[0]),
      crashes.map(({ name }) => name),
    )
    assert.match(lines[0] ?? '', /checkout-0 +sidecar +NullPointer +SIGSEGV +<none> +\d+ B +\S+$/)
  })

  it('kubectl get -A is for those who may list all, and has what is from before a Namespace', async () => {
    await assert.rejects(cluster.kube.kubectl(['get', 'cores', '-A', '--as=viewer']), /forbidden/i)
    const { stdout } = await cluster.kube.kubectl(['get', 'cores', '-A', '--as=of-all', '--no-headers'])
    assert.match(stdout, /^bank .*teller/m)
    assert.ok(stdout.includes(old.name))
  })

  it('kubectl get has formats: wide, json, yaml, name', async () => {
    assert.match(await get('-o', 'wide'), /AGE +NODE +IMAGE +WORKLOAD\n.*registry\.example\/checkout:1\.4\.2/)
    const { items, kind } = JSON.parse(await get('-o', 'json'))
    assert.deepEqual([kind, items.length, items[0].spec.pod.name], ['List', 4, 'checkout-0'])
    assert.match(await get('-o', 'yaml', crashes[1]?.name ?? ''), /^kind: Coredump$/m)
    assert.equal((await get('-o', 'name')).split('\n')[0], `coredump.coredog.io/${crashes[0]?.name}`)
    assert.match(await get('--sort-by=.spec.pod.name', '--no-headers'), /checkout-0.*checkout-3/s)
  })

  it('kubectl get takes selectors and pages', async () => {
    assert.deepEqual(await names('-l', 'coredog.io/pod in (checkout-1,checkout-2)'), [
      crashes[1]?.name,
      crashes[2]?.name,
    ])
    assert.deepEqual(await names('-l', 'coredog.io/container!=app'), [crashes[0]?.name])
    assert.deepEqual(await names('--field-selector', 'spec.pod.name=checkout-3'), [crashes[3]?.name])
    assert.deepEqual(await names('--field-selector', `metadata.name=${crashes[2]?.name}`), [crashes[2]?.name])
    assert.deepEqual(
      await names('--chunk-size=2'),
      crashes.map(({ name }) => name),
    )
    await assert.rejects(
      get('--field-selector', 'spec.nodeName=x'),
      /field label not supported: spec\.nodeName/,
    )
  })

  it('kubectl describe, explain and a name that there is not', async () => {
    const { stdout } = await cluster.kube.kubectl([
      'describe',
      'core',
      crashes[0]?.name ?? '',
      '-n',
      'shop',
      '--as=viewer',
    ])
    assert.match(stdout, /Reason Code: +NullPointer/)
    assert.match((await cluster.kube.kubectl(['explain', 'coredump.status'])).stdout, /storedBytes/)
    for (const name of [old.name, '20260101t000000z-000000000000', 'x'])
      await assert.rejects(get(name), new RegExp(`coredumps.coredog.io \\\\?"${name}\\\\?" not found`))
  })

  it('kubectl get -w has what comes, once', async () => {
    const program = findProgram('kubectl') ?? ''
    const watch = spawn(program, [
      `--kubeconfig=${kubeconfig}`,
      'get',
      'cores',
      '-n',
      'shop',
      '-w',
      '--no-headers',
    ])
    try {
      const lines: string[] = []
      createInterface(watch.stdout).on('line', line => lines.push(line))
      await eventually('what there is', 30, () => lines.length === 4 || assert.fail(lines.join()))
      const more = await cluster.putCrash({ pod: 'while-watched', time: new Date(Date.now() + 60_000) })
      await eventually('what comes', 30, () => lines.length === 5 || assert.fail(lines.join()))
      assert.ok(lines[4]?.startsWith(more.name), lines[4])
    } finally {
      watch.kill()
      await once(watch, 'exit')
    }
  })

  it('an informer has all, and what comes, each once', async () => {
    const config = new KubeConfig()
    const { url: server, caFile, tokenFile } = watcher
    const token = readFileSync(String(tokenFile), 'utf8').trim()
    config.loadFromClusterAndUser(
      { name: 'test', server, caFile: String(caFile), skipTLSVerify: false },
      { name: 'watcher', token },
    )
    const api = config.makeApiClient(CustomObjectsApi)
    const informer = makeInformer<Listed>(
      config,
      '/apis/coredog.io/v1alpha1/namespaces/shop/coredumps',
      async () => await api.listNamespacedCustomObject(LIST),
    )
    const added: string[] = []
    informer.on('add', ({ spec }) => void added.push(spec.pod.name))
    informer.on('update', ({ spec }) => void added.push(`again ${spec.pod.name}`))
    informer.on('error', cause => void added.push(String(cause)))
    await informer.start()
    try {
      await cluster.putCrash({ pod: 'while-informed', time: new Date(Date.now() + 60_000) })
      await eventually('what comes', 30, () => added.includes('while-informed') || assert.fail(added.join()))
      assert.deepEqual(
        added.filter(name => /while-informed|again|Error/.test(name)),
        ['while-informed'],
      )
    } finally {
      await informer.stop()
    }
  })
})
