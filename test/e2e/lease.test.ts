import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { KubeClient } from '../../kube/client.ts'
import { Lease } from '../../kube/lease.ts'
import type { LeaseRecord } from '../../kube/lease-record.ts'
import { eventually } from './eventually.ts'
import { findKubePrograms, type KubeCluster, NO_KUBE, startKubeCluster } from './kube-cluster.ts'

const programs = findKubePrograms()
const skip = programs === null && NO_KUBE
const SYSTEM = 'coredog-system'
const BASE = path.resolve(import.meta.dirname, '../../deploy/base')
const HOLDER = path.join(import.meta.dirname, 'lease-holder.ts')
const TAKEOVER_SECONDS = 100

const heldBy = async (lease: Lease) => (await lease.tryHold()) ?? undefined

describe('the Lease of upkeep at a real API server', { skip, timeout: 300_000 }, () => {
  let cluster: KubeCluster

  before(async () => {
    cluster = await startKubeCluster(programs!) // skipped without them
    await cluster.addNamespace(SYSTEM)
    for (const name of ['role', 'role-binding'])
      await cluster.kubectl(['apply', `--filename=${path.join(BASE, `${name}.yaml`)}`])
  })
  after(() => cluster[Symbol.asyncDispose]())

  /** As the installer has it: by its service account, with the Role of our manifests and no other. */
  const leaseOf = async (test: { after(done: () => Promise<void>): void }, holder: string) => {
    const kube = new KubeClient(await installerAccess())
    const lease = new Lease(kube, { namespace: SYSTEM, name: 'coredog-upkeep', holder })
    test.after(async () => {
      await lease.giveBack()
      await kube.close()
    })
    return lease
  }
  let access: ReturnType<KubeCluster['addServiceAccount']> | null = null
  const installerAccess = () => {
    access ??= cluster.addServiceAccount(SYSTEM, 'coredog-installer')
    return access
  }
  const record = () =>
    cluster.kube.get<LeaseRecord>(`/apis/coordination.k8s.io/v1/namespaces/${SYSTEM}/leases/coredog-upkeep`)

  it('of two that ask one has it; given back, the other one has it at once', async t => {
    const [one, other] = [await leaseOf(t, 'one'), await leaseOf(t, 'other')]
    const held = await eventually('the role to count', 20, () => heldBy(one))
    assert.equal(held.signal.aborted, false)
    assert.equal(await other.tryHold(), null)
    await one.giveBack()
    assert.equal((await record()).spec?.holderIdentity, undefined)
    assert.equal((await other.tryHold())?.signal.aborted, false)
    assert.equal((await record()).spec?.holderIdentity, 'other')
  })

  it('of a holder that is killed the other one takes over, and not before a minute is over', async t => {
    const { url, caFile, tokenFile } = await installerAccess()
    const killed = fork(HOLDER, [JSON.stringify({ url, caFile, tokenFile, namespaceFile: null })])
    t.after(() => void killed.kill('SIGKILL'))
    const [word] = await once(killed, 'message')
    assert.equal(word, 'held')
    const { spec } = await record()
    const other = await leaseOf(t, 'other')
    assert.equal(await other.tryHold(), null)
    // Renewed by the one that lives.
    await eventually(
      'a renewal',
      30,
      async () => (await record()).spec?.renewTime !== spec?.renewTime || undefined,
    )
    killed.kill('SIGKILL')
    await once(killed, 'exit')
    const last = (await record()).spec?.renewTime ?? ''
    const held = await eventually('the takeover', TAKEOVER_SECONDS, () => heldBy(other))
    assert.equal(held.signal.aborted, false)
    const { renewTime = '', holderIdentity, leaseTransitions } = (await record()).spec ?? {}
    assert.equal(holderIdentity, 'other')
    assert.ok(Date.parse(renewTime) - Date.parse(last) >= 60_000, `${last} ${renewTime}`)
    assert.ok((leaseTransitions ?? 0) > 0)
  })

  it('who has it ends when it was taken away', async t => {
    const one = await leaseOf(t, 'one')
    const held = await eventually('the lease', TAKEOVER_SECONDS, () => heldBy(one))
    await cluster.kubectl(['delete', 'lease', 'coredog-upkeep', `--namespace=${SYSTEM}`])
    await once(held.signal, 'abort')
    assert.match(String(held.signal.reason), /another one has it/)
  })

  it('the Role has no other Lease', async () => {
    const kube = new KubeClient(await installerAccess())
    await assert.rejects(
      kube.get('/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-scheduler'),
      { status: 403 },
    )
    await kube.close()
    assert.match(readFileSync(path.join(BASE, 'role.yaml'), 'utf8'), /resourceNames: \[coredog-upkeep\]/)
  })
})
