import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { execa } from 'execa'
import { SCRIPTS } from '../../cli/completion/scripts.ts'
import { REPORT_SCHEMA } from '../../crash/report.ts'
import { CrashGroup } from '../../groups/crash-group.ts'
import { type ApiCluster, CLUSTER, NO_API_CLUSTER, startApiCluster } from './api-cluster.ts'
import { findKubePrograms } from './kube-cluster.ts'
import type { PutCrash } from './put-crash.ts'

/** It is read by none who looks what it is, else. */
const REPORT = { schema: REPORT_SCHEMA } as const
/** Of all crashes like one in namespace shop. */
const GROUP = `_groups/${CLUSTER}/shop/Deployment.checkout/${'a1'.repeat(16)}`
const ROOT = path.resolve(import.meta.dirname, '../..')

describe('kubectl coredog with a real API server', { skip: NO_API_CLUSTER, timeout: 300_000 }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'kubectl-coredog-'))
  let cluster: ApiCluster
  let crash: PutCrash
  let other: PutCrash
  /** Of the service accounts. */
  const kubeconfigs = new Map<string, string>()

  before(async () => {
    cluster = await startApiCluster()
    for (const namespace of ['shop', 'bank']) await cluster.kube.addNamespace(namespace)
    for (const [account, role] of [
      ['viewer', 'coredog-viewer'],
      ['downloader', 'coredog-downloader'],
      ['nobody', null],
    ] as const) {
      kubeconfigs.set(account, cluster.kubeconfigOf(await cluster.kube.addServiceAccount('shop', account)))
      if (role !== null) await cluster.bind(`system:serviceaccount:shop:${account}`, role, 'shop')
    }
    const report = { ...REPORT, countedIn: GROUP }
    crash = await cluster.putCrash({ namespace: 'shop', core: randomBytes(3_000_000), report })
    other = await cluster.putCrash({ namespace: 'bank', pod: 'teller' })
    layProgram(folder)
  })
  after(async () => {
    rmSync(folder, { recursive: true, force: true })
    await cluster?.[Symbol.asyncDispose]()
  })

  it('list shows what crashed in a namespace, and says which right all of them need', async () => {
    const { stdout, exitCode } = await as('viewer', 'list', '-n', 'shop')
    assert.equal(exitCode, 0)
    assert.match(stdout, new RegExp(`^${crash.entry.id} +\\d+s +checkout-7c9f5d8b6-x2x9k +app +SIGSEGV`, 'm'))
    const all = await as('viewer', 'list', '-A')
    assert.equal(all.exitCode, 4)
    assert.match(all.stderr, /lack the verb "list" on "coredumps" of the API group "coredog\.io"/)
  })

  it('info tells why, to who may not have the log as well', async () => {
    const { stdout } = await as('viewer', 'info', crash.entry.id.slice(0, 8), '-n', 'shop')
    assert.match(stdout, /^Read of a null pointer/m)
    assert.doesNotMatch(stdout, /the last line/)
    assert.match((await as('downloader', 'info', '@latest', '-n', 'shop')).stdout, /^ {2}the last line$/m)
  })

  it('groups and info tell how often crashes like one came to all nodes', async () => {
    const { time } = crash.entry
    for (const node of ['n1', 'n2', 'n3', 'n4'])
      await new CrashGroup(cluster.store, GROUP).putCount(node, {
        ...{ crashes: 9, pods: 2, images: [], first: time, last: time },
      })
    const { stdout, stderr, exitCode } = await as('viewer', 'groups', '-n', 'shop')
    assert.deepEqual([exitCode, stderr], [0, ''])
    assert.match(stdout, new RegExp(`^${crash.entry.id} +.* 36 +4 +`, 'm'))
    const { stdout: page } = await as('viewer', 'info', crash.entry.id, '-n', 'shop')
    assert.match(page, /^Group: +36 crashes in 8 pods on 4 nodes/m)
    assert.equal((await as('nobody', 'groups', '-n', 'shop')).exitCode, 4)
  })

  it('get writes the core, bit for bit, of who may', async () => {
    const file = path.join(folder, 'core')
    const refused = await as('viewer', 'get', '@latest', '-n', 'shop', '-o', file)
    assert.equal(refused.exitCode, 4)
    assert.match(refused.stderr, /lack the verb "get" on "coredumps\/proxy"/)
    const { exitCode, stderr } = await as('downloader', 'get', '@latest', '-n', 'shop', '-o', file)
    assert.deepEqual([exitCode, stderr], [0, ''])
    assert.ok(readFileSync(file).equals(crash.core))
  })

  it("get gets no other namespace's core, by its name neither", async () => {
    for (const namespace of ['bank', 'shop']) {
      const { exitCode } = await as('downloader', 'get', other.name, '-n', namespace, '-o', '-')
      assert.equal(exitCode, namespace === 'bank' ? 4 : 3)
    }
    assert.equal((await as('nobody', 'list', '-n', 'shop')).exitCode, 4)
  })

  it('watch tells of a crash when it is stored', async () => {
    const ended = new AbortController()
    const watching = run('viewer', ['watch', '-n', 'shop', '-o', 'name'], ended.signal)
    const told = watching.iterable()[Symbol.asyncIterator]().next()
    const stored: string[] = []
    const isTold = () => Promise.race([told.then(() => true), setTimeout(1000, false)])
    // It says nothing when it has begun.
    while (stored.length < 30 && !(await isTold()))
      stored.push((await cluster.putCrash({ namespace: 'shop', pod: 'late' })).name)
    const { value } = await told
    assert.ok(stored.includes(String(value)), String(value))
    ended.abort()
    await watching.catch(() => undefined)
  })

  it('is a plugin of kubectl, which completes its ids', async () => {
    const { stdout } = await kubectl('viewer', 'coredog', 'list', '-n', 'shop', '-o', 'name')
    assert.ok(stdout.split('\n').includes(`coredump.coredog.io/${crash.name}`))
    const completed = await kubectl('viewer', '__complete', 'coredog', 'info', '-n', 'shop', '')
    assert.ok(
      completed.stdout.includes(`${crash.entry.id}\tshop/checkout-7c9f5d8b6-x2x9k SIGSEGV`),
      completed.stdout,
    )
  })

  it('reads the same from the bucket, without a cluster', async () => {
    const options = ['--config', cluster.configFile]
    const { stdout } = await as('nobody', 'list', ...options, '-o', 'name')
    for (const { name } of [crash, other]) assert.ok(stdout.includes(name))
    const got = await execa(
      path.join(folder, 'kubectl-coredog'),
      ['get', other.name, '-n', 'bank', ...options, '-o', '-'],
      {
        encoding: 'buffer',
        stripFinalNewline: false,
      },
    )
    assert.ok(other.core.equals(got.stdout))
  })

  function as(account: string, ...args: readonly string[]) {
    return run(account, args)
  }

  function run(account: string, args: readonly string[], cancelSignal?: AbortSignal) {
    const KUBECONFIG = kubeconfigs.get(account) ?? ''
    const options = { env: { KUBECONFIG }, reject: false, ...(cancelSignal && { cancelSignal }) } as const
    return execa(path.join(folder, 'kubectl-coredog'), args, options)
  }

  function kubectl(account: string, ...args: readonly string[]) {
    const env = { KUBECONFIG: kubeconfigs.get(account) ?? '', PATH: `${folder}:${process.env.PATH}` }
    return execa(findKubePrograms()?.kubectl ?? 'kubectl', args, { env })
  }
})

/** As the sources are. */
function layProgram(folder: string): void {
  const program = `#!/bin/sh\nexec '${process.execPath}' '${path.join(ROOT, 'cli/main.ts')}' "$@"\n`
  writeFileSync(path.join(folder, 'kubectl-coredog'), program, { mode: 0o755 })
  writeFileSync(path.join(folder, 'kubectl_complete-coredog'), SCRIPTS.kubectl, { mode: 0o755 })
}
