import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { askOver } from '../api/front-proxy.ts'
import { type ApiCluster, available, NO_API_CLUSTER, startApiCluster } from './api-cluster.ts'
import { download } from './api-download.ts'
import { eventually } from './eventually.ts'
import { NO_NAMESPACE_CONTROLLER, startNamespaceController } from './namespace-controller.ts'
import type { PutCrash } from './put-crash.ts'

const BELOW = '/apis/coredog.io/v1alpha1/namespaces'

describe('coredog-api behind a real API server', { skip: NO_API_CLUSTER, timeout: 400_000 }, () => {
  let cluster: ApiCluster
  let crash: PutCrash
  let other: PutCrash

  before(async () => {
    cluster = await startApiCluster(['--detector-paths'])
    for (const namespace of ['shop', 'bank']) await cluster.kube.addNamespace(namespace)
    await cluster.bind('viewer', 'coredog-viewer', 'shop')
    await cluster.bind('downloader', 'coredog-downloader', 'shop')
    await cluster.bind('auditor', 'coredog-viewer')
    crash = await cluster.putCrash({ namespace: 'shop' })
    other = await cluster.putCrash({ namespace: 'bank', pod: 'teller' })
  })
  after(async () => {
    await cluster?.[Symbol.asyncDispose]()
  })

  it('lists crashes by their short name, as a table', async () => {
    const { stdout } = await as('viewer', 'get', 'cores', '-n', 'shop')
    assert.match(stdout, /^NAME +POD +CONTAINER +REASON/)
    assert.ok(stdout.includes(crash.name) && !stdout.includes(other.name))
  })

  it('lists those of all namespaces to who may, and to nobody else', async () => {
    const { stdout } = await as('auditor', 'get', 'cores', '-A', '-o', 'name')
    assert.deepEqual(
      stdout.trim().split('\n').toSorted(),
      [crash, other].map(({ name }) => `coredump.coredog.io/${name}`).toSorted(),
    )
    await assert.rejects(as('viewer', 'get', 'cores', '-A'), /Forbidden.*cannot list resource "coredumps"/)
  })

  it('gives one as JSON, by a field and by a label', async () => {
    const { stdout } = await as('viewer', 'get', 'core', crash.name, '-n', 'shop', '-o', 'json')
    const { metadata, spec } = JSON.parse(stdout)
    assert.deepEqual([metadata.name, spec.id, spec.pod.uid], [crash.name, crash.entry.id, crash.entry.podUid])
    for (const selection of [`--field-selector=spec.id=${crash.entry.id}`, '-l=coredog.io/container=app']) {
      const found = await as('viewer', 'get', 'cores', '-n', 'shop', '-o', 'name', selection)
      assert.equal(found.stdout.trim(), `coredump.coredog.io/${crash.name}`)
    }
  })

  it('hears of a crash while it watches', async () => {
    const coredumps = `${BELOW}/shop/coredumps`
    const { metadata } = JSON.parse((await as('viewer', 'get', '--raw', coredumps)).stdout)
    const since = new URLSearchParams({ resourceVersion: metadata.resourceVersion, timeoutSeconds: '15' })
    const watching = as('viewer', 'get', '--raw', `${coredumps}?watch=true&${since}`)
    const late = await cluster.putCrash({ namespace: 'shop', pod: 'late' })
    const lines = (await watching).stdout.trim().split('\n')
    const events = lines.map(line => JSON.parse(line))
    assert.deepEqual([events[0].type, events[0].object.metadata.name], ['ADDED', late.name])
  })

  it("refuses what RBAC does not allow, another namespace's core by its name among it", async () => {
    for (const path of [`bank/coredumps/${other.name}`, `bank/coredumps/${crash.name}`, 'bank/coredumps'])
      await assert.rejects(as('viewer', 'get', '--raw', `${BELOW}/${path}`), /Forbidden|forbidden/)
    await assert.rejects(
      as('downloader', 'get', '--raw', `${BELOW}/shop/coredumps/${other.name}`),
      /NotFound|not found/,
    )
    for (const subresource of ['proxy', 'log', 'url', 'binaries'])
      await assert.rejects(
        as('viewer', 'get', '--raw', `${BELOW}/shop/coredumps/${crash.name}/${subresource}`),
        /forbidden/i,
      )
  })

  it('sends a core through the API server, all of it or a part, and says who had it', async () => {
    const path = `${BELOW}/shop/coredumps/${crash.name}/proxy`
    const all = await download(cluster, path, 'downloader')
    assert.deepEqual([all.status, all.bytes.equals(crash.stored)], [200, true])
    const part = await download(cluster, path, 'downloader', { range: 'bytes=10-' })
    assert.deepEqual([part.status, part.bytes.equals(crash.stored.subarray(10))], [206, true])
    const digest = crash.programKey.split('/').at(-1)
    const program = await download(cluster, `${path}/binaries/${digest}`, 'downloader')
    assert.ok(program.bytes.equals(crash.program))
    assert.equal((await download(cluster, path, 'viewer')).status, 403)
    assert.ok(cluster.api.lines.some(line => line.includes('downloader') && line.includes(crash.entry.id)))
  })

  it('gives log, report, backtrace, programs and a link', async () => {
    const read = async (subresource: string) =>
      (await as('downloader', 'get', '--raw', `${BELOW}/shop/coredumps/${crash.name}/${subresource}`)).stdout
    assert.match(await read('log'), /the last line/)
    assert.equal(JSON.parse(await read('report')).id, crash.entry.id)
    await read('backtrace')
    const [program] = JSON.parse(await read('binaries')).items
    assert.deepEqual([program.path, program.sizeBytes], ['/app/server', crash.program.length])
    const answer = await fetch(JSON.parse(await read('url')).url)
    assert.ok(Buffer.from(await answer.arrayBuffer()).equals(crash.stored))
  })

  it('answers under the paths of k8s-coredump-detector', async () => {
    const endpoint = {
      apiVersion: 'coredump.fujitsu.com/v1alpha1',
      kind: 'CoredumpEndpoint',
      metadata: { name: crash.entry.pod, namespace: 'shop' },
      spec: { poduid: crash.entry.podUid },
    }
    await cluster.kube.kubectl(['create', '--filename=-'], endpoint)
    const below = '/apis/coredump.fujitsu.com/v1alpha1/namespaces/shop/coredumpendpoints'
    const { status, bytes } = await download(cluster, `${below}/${crash.entry.pod}/dump?container=app`)
    assert.deepEqual([status, bytes[0], bytes[1]], [200, 0x1f, 0x8b])
    const { stdout } = await kubectl('get', 'coredumpendpoints', '-n', 'shop', '-o', 'name')
    assert.match(stdout, new RegExp(crash.entry.pod))
    await kubectl('delete', 'coredumpendpoint', crash.entry.pod, '-n', 'shop')
  })

  it('is deleted by nobody: not even an administrator may say so', async () => {
    await assert.rejects(
      kubectl('delete', 'core', crash.name, '-n', 'shop'),
      /MethodNotAllowed|not allowed|not support/i,
    )
    await assert.rejects(
      kubectl('delete', 'cores', '--all', '-n', 'shop'),
      /MethodNotAllowed|not allowed|not support/i,
    )
    assert.ok((await kubectl('get', 'core', crash.name, '-n', 'shop')).stdout.includes(crash.name))
  })

  it('is among the resources, with its short names, and explained', async () => {
    const { stdout } = await kubectl('api-resources', '--api-group=coredog.io', '--no-headers')
    assert.match(stdout, /^coredumps +core,cores +coredog\.io\/v1alpha1 +true +Coredump$/m)
    const explained = await eventually('the OpenAPI of the group', 60, () =>
      kubectl('explain', 'coredumps.spec.pod'),
    )
    assert.match(explained.stdout, /KIND: +Coredump\nVERSION: +v1alpha1/)
    const { paths } = JSON.parse((await kubectl('get', '--raw', '/openapi/v2')).stdout)
    assert.ok(paths['/apis/coredog.io/v1alpha1/namespaces/{namespace}/coredumps'])
  })

  it('believes no headers but those of the front proxy', async () => {
    const path = `${BELOW}/shop/coredumps/${crash.name}`
    const headers = { 'x-remote-user': 'system:admin', 'x-remote-group': ['system:masters'] }
    for (const shown of [null, 'stranger', 'wrong-name'] as const) {
      const { code, json } = await askOver(cluster.api.port, { path, as: shown, headers }, UNVERIFIED)
      assert.deepEqual([code, json.kind], [401, 'Status'])
    }
    // Through the API server, they are its own: those of a client are taken away.
    const { stdout } = await as('viewer', 'auth', 'whoami', '-o', 'json')
    assert.equal(JSON.parse(stdout).status.userInfo.username, 'viewer')
  })

  it('asks the API server itself who may: the front proxy could not let in who may not', async () => {
    const path = `${BELOW}/bank/coredumps/${other.name}`
    const { code, json } = await askOver(
      cluster.api.port,
      { path, headers: { 'x-remote-user': 'viewer' } },
      UNVERIFIED,
    )
    assert.deepEqual([code, json.reason], [403, 'Forbidden'])
  })

  describe('and a namespace that is deleted', { skip: NO_NAMESPACE_CONTROLLER }, () => {
    let controller: AsyncDisposable

    before(async () => {
      controller = await startNamespaceController(cluster.kube)
    })
    after(async () => {
      await controller?.[Symbol.asyncDispose]()
    })

    it('goes, and its cores stay, for those alone who may see all', async () => {
      await cluster.kube.addNamespace('short')
      const last = await cluster.putCrash({ namespace: 'short' })
      await cluster.bind('owner', 'coredog-viewer', 'short')
      assert.ok((await as('owner', 'get', 'cores', '-n', 'short')).stdout.includes(last.name))
      await kubectl('delete', 'namespace', 'short', '--wait=false')
      await gone('short')
      const path = `${BELOW}/short/coredumps/${last.name}`
      assert.equal(JSON.parse((await as('auditor', 'get', '--raw', path)).stdout).metadata.name, last.name)
      // Who has the name next does not get the memory of who had it before.
      const again = new Date(Math.floor(last.entry.time.getTime() / 1000) * 1000 + 1000)
      await eventually('a later second', 5, () => Date.now() > again.getTime() || undefined)
      await cluster.kube.addNamespace('short')
      await cluster.bind('heir', 'coredog-downloader', 'short')
      await assert.rejects(as('heir', 'get', '--raw', path), /not found/i)
      assert.doesNotMatch((await as('heir', 'get', 'cores', '-n', 'short')).stdout, new RegExp(last.name))
    })

    it('stays while we are away, says why, and goes once we are back', async () => {
      await cluster.kube.addNamespace('waiting')
      await cluster.api.stop()
      await eventually('an APIService without us', 90, async () => {
        const { stdout } = await kubectl('get', 'apiservice', 'v1alpha1.coredog.io')
        return / False /.test(stdout) || undefined
      })
      await kubectl('delete', 'namespace', 'waiting', '--wait=false')
      const reason = await eventually('the reason why it stays', 90, async () => {
        const { status } = JSON.parse((await kubectl('get', 'namespace', 'waiting', '-o', 'json')).stdout)
        return status.conditions?.find(
          ({ type }: { type: string }) => type === 'NamespaceDeletionDiscoveryFailure',
        )
      })
      assert.equal(reason.status, 'True')
      assert.match(reason.message, /coredog\.io\/v1alpha1/)
      cluster.api.startAgain()
      await available(cluster.kube, ['v1alpha1.coredog.io'])
      await gone('waiting')
    })
  })

  it('ends with 0 when it is told to, after it has been not ready for a while', async () => {
    assert.equal(await cluster.api.stop('SIGTERM'), 0)
    assert.ok(cluster.api.lines.some(line => line.includes('"api stops"')))
    cluster.api.startAgain()
    await available(cluster.kube, ['v1alpha1.coredog.io', 'v1alpha1.coredump.fujitsu.com'])
  })

  /** The controller asks again after longer and longer pauses. */
  async function gone(namespace: string): Promise<void> {
    await eventually(`the end of namespace ${namespace}`, 120, async () => {
      const { stdout } = await kubectl('get', 'namespaces', '-o', 'name')
      return stdout.split('\n').includes(`namespace/${namespace}`) ? undefined : true
    })
  }

  function kubectl(...args: readonly string[]) {
    return cluster.kube.kubectl(args)
  }

  function as(user: string, ...args: readonly string[]) {
    return kubectl(...args, `--as=${user}`)
  }
})

const UNVERIFIED = { rejectUnauthorized: false }
