import assert from 'node:assert/strict'
import { once } from 'node:events'
import { it, type TestContext } from 'node:test'
import { KubeClient } from '../../kube/client.ts'
import { type HeldLease, LEASE_TIMES } from '../../kube/held-lease.ts'
import { Lease } from '../../kube/lease.ts'
import type { LeaseRecord } from '../../kube/lease-record.ts'
import type { Clock } from '../../time/rate-limiter.ts'
import { startFakeKube } from '../fakes/fake-kube.ts'

const PATH = '/apis/coordination.k8s.io/v1/namespaces/coredog-system/leases/coredog-upkeep'

/** A clock that stands until it is moved, which it is once somebody waits; a pause is over then. */
class MovedClock implements Clock {
  ms = 0
  #pauses: { readonly untilMs: number; readonly done: () => void }[] = []
  #waits = Promise.withResolvers<void>()
  readonly now = () => this.ms
  readonly pause = (seconds: number, signal: AbortSignal) =>
    new Promise<void>(resolve => {
      if (signal.aborted) return resolve()
      signal.addEventListener('abort', () => resolve(), { once: true })
      this.#pauses.push({ untilMs: this.ms + seconds * 1000, done: resolve })
      this.#waits.resolve()
    })

  async move(seconds: number): Promise<void> {
    await this.#waits.promise
    this.#waits = Promise.withResolvers()
    this.ms += seconds * 1000
    const over = this.#pauses.filter(({ untilMs }) => untilMs <= this.ms)
    this.#pauses = this.#pauses.filter(one => !over.includes(one))
    for (const { done } of over) done()
  }
}

async function world(test: TestContext) {
  const fake = await startFakeKube()
  const kube = new KubeClient(fake.access)
  test.after(async () => {
    await kube.close()
    await fake.close()
  })
  const clock = new MovedClock()
  const leaseOf = (holder: string, own: Clock = clock) =>
    new Lease(kube, { namespace: 'coredog-system', name: 'coredog-upkeep', holder }, { clock: own })
  const record = () => kube.get<LeaseRecord>(PATH)
  const asked = (action: string) => fake.requests.filter(request => request.action === action).length
  /** Moves the clock to the next renewal, and waits for it. */
  const renewed = async (seconds: number) => {
    const next = fake.asked('patch leases', asked('patch leases') + 1)
    await clock.move(seconds)
    await next
  }
  return { fake, kube, clock, leaseOf, record, renewed }
}

async function lost(held: HeldLease | null): Promise<string> {
  if (held?.signal.aborted === false) await once(held.signal, 'abort')
  return String(held?.signal.reason)
}

it('one gets the Lease that was not there, and keeps it; another one does not', async t => {
  const { leaseOf, record } = await world(t)
  const [one, other] = [leaseOf('one'), leaseOf('other')]
  const held = await one.tryHold()
  assert.equal(held?.signal.aborted, false)
  assert.equal(await other.tryHold(), null)
  assert.equal(await one.tryHold(), held)
  const { spec } = await record()
  assert.deepEqual([spec?.holderIdentity, spec?.leaseDurationSeconds, spec?.leaseTransitions], ['one', 60, 0])
  assert.match(spec?.renewTime ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
})

it('of all that ask at once one gets it, and who asks twice asks once', async t => {
  const { fake, leaseOf } = await world(t)
  const leases = Array.from({ length: 8 }, (_, at) => leaseOf(`node-${at}`))
  const held = await Promise.all(leases.flatMap(lease => [lease.tryHold(), lease.tryHold()]))
  assert.equal(new Set(held.filter(one => one !== null)).size, 1)
  assert.equal(fake.requests.filter(({ action }) => action === 'get leases').length, 8)
})

it('a Lease that was given back is free at once', async t => {
  const { leaseOf, record } = await world(t)
  const one = leaseOf('one')
  const held = await one.tryHold()
  await one.giveBack()
  assert.match(await lost(held), /given back/)
  assert.equal((await record()).spec?.holderIdentity, undefined)
  assert.notEqual(await leaseOf('other').tryHold(), null)
  assert.equal((await record()).spec?.leaseTransitions, 1)
  assert.equal(await one.tryHold(), null)
})

it('it is renewed every 20 s, and nobody else gets it for as long', async t => {
  const { clock, leaseOf, renewed } = await world(t)
  const held = await leaseOf('one').tryHold()
  const other = leaseOf('other')
  for (let round = 0; round < 8; round += 1) {
    await renewed(20)
    assert.equal(await other.tryHold(), null)
  }
  assert.ok(clock.ms > 2 * LEASE_TIMES.leaseSeconds * 1000)
  assert.equal(held?.signal.aborted, false)
})

it('of a holder that is gone another one has it, a minute after it saw the last renewal, whatever the clocks say', async t => {
  const { fake, clock, leaseOf, kube } = await world(t)
  await leaseOf('other').tryHold()
  const others = await kube.get<LeaseRecord>(PATH)
  // As one that died, and whose clock was a year ahead.
  fake.put({
    ...others,
    spec: { ...others.spec, holderIdentity: 'gone', renewTime: '2099-01-01T00:00:00.000000Z' },
  } as LeaseRecord)
  const one = leaseOf('one')
  assert.equal(await one.tryHold(), null)
  clock.ms += 60_000
  assert.equal(await one.tryHold(), null)
  clock.ms += 1
  assert.notEqual(await one.tryHold(), null)
})

it('work under it ends when it cannot be renewed in time, before another one gets it', async t => {
  const { fake, clock, leaseOf, renewed } = await world(t)
  const held = await leaseOf('one').tryHold()
  fake.failNext('patch leases', ...Array.from({ length: 9 }, () => ({ status: 503 })))
  await renewed(20)
  for (let late = 20; late < 40; late += 5) await renewed(5)
  assert.equal(held?.signal.aborted, false)
  await clock.move(5)
  assert.match(await lost(held), /could not be renewed in time/)
})

it('a renewal that was taken and not answered is none that was lost', async t => {
  const { fake, leaseOf, renewed, record } = await world(t)
  const held = await leaseOf('one').tryHold()
  // The same, as the API server has it by now, with another version.
  fake.put(await record())
  await renewed(20)
  await renewed(20)
  assert.equal(held?.signal.aborted, false)
})

it('who finds that another one has it by now ends at once', async t => {
  const { fake, clock, leaseOf, record } = await world(t)
  const held = await leaseOf('one').tryHold()
  const { spec, ...rest } = await record()
  fake.put({ ...rest, spec: { ...spec, holderIdentity: 'other' } } as LeaseRecord)
  await clock.move(20)
  assert.match(await lost(held), /another one has it/)
  assert.equal((await record()).spec?.holderIdentity, 'other')
})

it('a Lease that somebody deleted is lost, and had anew', async t => {
  const { fake, clock, leaseOf, record } = await world(t)
  const one = leaseOf('one')
  const held = await one.tryHold()
  fake.remove(await record())
  await clock.move(20)
  await lost(held)
  assert.notEqual(await one.tryHold(), held)
  assert.equal(one.held?.signal.aborted, false)
})

it('who may not ask hears why', async t => {
  const { fake, leaseOf } = await world(t)
  fake.deny('get leases')
  await assert.rejects(leaseOf('one').tryHold(), { status: 403 })
})

it('an API server that does not answer ends the work under it, too', async t => {
  const { fake, kube } = await world(t)
  const times = { leaseSeconds: 60, renewSeconds: 0.01, retrySeconds: 0.01, latestSeconds: 0.2 }
  const name = { namespace: 'coredog-system', name: 'coredog-upkeep', holder: 'one' }
  const held = await new Lease(kube, name, { times }).tryHold()
  fake.failNext('patch leases', 'hang')
  assert.match(await lost(held), /could not be renewed in time/)
})
