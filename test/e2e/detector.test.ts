import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { execa } from 'execa'
import { newCrashId } from '../../crash/object-key.ts'
import { CrashIndex } from '../../crash-index/crash-index.ts'
import { type ApiCluster, NO_API_CLUSTER, startApiCluster } from './api-cluster.ts'
import { download } from './api-download.ts'
import { findKubePrograms } from './kube-cluster.ts'
import type { PutCrash } from './put-crash.ts'

// As k8s-coredump-detector has it, although no YAML of a pod that is there follows from it by its README.
const TEMPLATE = `apiVersion: coredump.fujitsu.com/v1alpha1
kind: CoredumpEndpoint
metadata:
  name: __NAME__
  namespace: __NAMESPACE__
spec: __UID__
`
const ENDPOINTS = '/apis/coredump.fujitsu.com/v1alpha1/namespaces/default/coredumpendpoints'
const DUMP = `${ENDPOINTS}/test-pod/dump?container=test-container`
/** What the README says, to the letter, and how it says that one unpacks it. */
const CREATE =
  'cat test/coredumpendpoint_template.yaml |sed "s/__NAMESPACE__/default/g" | sed "s/__NAME__/test-pod/g"'
const DOWNLOAD = `kubectl get --raw=${DUMP}>>coredump.tar.gz`
const OF_A_POD = `${CREATE}| kubectl create -f -\n${DOWNLOAD}`
const OF_A_DELETED_POD = `${CREATE}| sed "s/__UID__/1234-5678/g"|kubectl create -f -\n${DOWNLOAD}`
const UNPACK = 'mkdir coredump-files\ntar -zxvf coredump.tar.gz -C ./coredump-files'

describe('the README of k8s-coredump-detector', { skip: NO_API_CLUSTER, timeout: 300_000 }, () => {
  let cluster: ApiCluster
  let deleted: PutCrash
  let current: PutCrash
  let folder: string

  before(async () => {
    cluster = await startApiCluster(['--detector-paths'])
    const pod = { namespace: 'default', pod: 'test-pod', container: 'test-container' }
    deleted = await cluster.putCrash({ ...pod, podUid: '1234-5678', core: Buffer.alloc(5 << 20, 'deleted') })
    const time = new Date(deleted.entry.time.getTime() + 1000)
    current = await cluster.putCrash({ ...pod, time, core: Buffer.from('of the one that is there') })
    await cluster.putCrash({ ...pod, container: 'sidecar' })
    const resources = ['coredumpendpoints', 'coredumpendpoints/dump'].map(one =>
      one.replace('ts', 'ts.coredump.fujitsu.com'),
    )
    const role = ['create', 'clusterrole', 'cores', '--verb=create,get,list,delete']
    await cluster.kube.kubectl([...role, `--resource=${resources.join()}`])
    folder = mkdtempSync(path.join(tmpdir(), 'coredog-detector-'))
  })
  after(async () => {
    rmSync(folder, { recursive: true, force: true })
    await cluster?.[Symbol.asyncDispose]()
  })

  it('downloads the cores of a pod, as it is written there', async () => {
    const { run, files } = await tenant('owner')
    await run(OF_A_POD)
    await run(UNPACK)
    for (const crash of [deleted, current]) assert.ok(coreIn(files, crash).equals(crash.core))
    await run('kubectl delete coredumpendpoint test-pod')
  })

  it('downloads those of a pod that has been deleted, by its UID', async () => {
    const { run, files } = await tenant('heir')
    await run(OF_A_DELETED_POD)
    await run(UNPACK)
    assert.ok(coreIn(files, deleted).equals(deleted.core))
    assert.throws(() => coreIn(files, current), /ENOENT/)
    const { stdout } = await run('kubectl get coredumpendpoint test-pod -o jsonpath={.spec.poduid}')
    assert.equal(stdout, '1234-5678')
    await run('kubectl delete coredumpendpoint test-pod')
  })

  it('says by 404 that there are none, not by 500, and needs no CoredumpEndpoint', async () => {
    assert.equal((await download(cluster, DUMP)).status, 200)
    const { status, bytes } = await download(cluster, DUMP.replace('test-container', 'other'))
    const { reason, message } = JSON.parse(bytes.toString())
    const said = 'container other in pod default/test-pod has no core dump files stored'
    assert.deepEqual([status, reason, message], [404, 'NotFound', said])
  })

  it('lets nobody out of the namespace, nor in without the right to dump', async () => {
    await cluster.kube.addNamespace('bank')
    const { entry } = await cluster.putCrash({ namespace: 'bank', pod: 'test-pod' })
    for (const container of [`../../bank/test-pod/${entry.container}`, '..%2f..%2fbank', '..', '%00', 'a/b'])
      assert.equal((await download(cluster, `${ENDPOINTS}/test-pod/dump?container=${container}`)).status, 400)
    const { run } = await tenant('stranger', [])
    await assert.rejects(run(DOWNLOAD), /[Ff]orbidden/)
    const { run: runAsOwner } = await tenant('owner-of-default')
    await assert.rejects(runAsOwner(DOWNLOAD.replace('/default/', '/bank/')), /[Ff]orbidden/)
    await assert.rejects(runAsOwner(`${CREATE}| sed "s/__UID__/..\\/x/g"|kubectl create -f -`), /poduid/)
  })

  it('refuses at once what the API server would cut, with the line that gets it', async () => {
    const large = { ...current.entry, id: newCrashId(), pod: 'large', storedBytes: 2 ** 31 }
    await new CrashIndex(cluster.store).add(large)
    const { status, bytes } = await download(cluster, `${ENDPOINTS}/large/dump`)
    const { reason, message } = JSON.parse(bytes.toString())
    assert.deepEqual([status, reason], [413, 'RequestEntityTooLarge'])
    assert.ok(message.endsWith(`kubectl coredog get ${large.id} -n default`), message)
  })

  it('and our own core is what kubectl get --raw has, too', async () => {
    const { run, home } = await tenant('reader', ['coredog-downloader'])
    const below = '/apis/coredog.io/v1alpha1/namespaces/default/coredumps'
    await run(`kubectl get --raw ${below}/${deleted.name}/proxy > core.gz`)
    assert.ok(readFileSync(path.join(home, 'core.gz')).equals(deleted.stored))
  })

  /** Somebody with a shell, kubectl and the template; `roles` are bound in the namespace `default`. */
  async function tenant(name: string, roles: readonly string[] = ['cores']) {
    const home = path.join(folder, name)
    const files = path.join(home, 'coredump-files')
    const access = await cluster.kube.addServiceAccount('default', name)
    for (const role of roles) await cluster.bind(`system:serviceaccount:default:${name}`, role, 'default')
    await execa('mkdir', ['-p', path.join(home, 'test')])
    writeFileSync(path.join(home, 'test/coredumpendpoint_template.yaml'), TEMPLATE)
    const programs = path.dirname(findKubePrograms()?.kubectl ?? '')
    const env = {
      HOME: home,
      KUBECONFIG: cluster.kubeconfigOf(access),
      PATH: `${programs}:${process.env.PATH}`,
    }
    const run = (script: string) => execa('bash', ['-euo', 'pipefail', '-c', script], { cwd: home, env })
    return { run, files, home }
  }
})

/** Of one container: k8s-coredump-detector has no UID before its name then. */
function coreIn(files: string, { entry }: PutCrash): Buffer {
  const { container, comm, time, pid } = entry
  const date = `${time.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
  return gunzipSync(readFileSync(path.join(files, container, `${comm}-${date}-${pid}`, 'core.gz')))
}
