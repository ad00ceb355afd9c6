import assert from 'node:assert/strict'
import { it, type TestContext } from 'node:test'
import fc from 'fast-check'
import { crashFolder } from '../../../crash/object-key.ts'
import { keepBinary } from '../../../handler/binaries/keep-binary.ts'
import { OldestCrashes } from '../../../installer/upkeep/oldest-crashes.ts'
import { removeUnnamedBinaries } from '../../../installer/upkeep/unnamed-binaries.ts'
import { startFakeS3 } from '../../fakes/fake-s3.ts'
import { MemoryBinaries } from '../../fakes/memory-sink.ts'
import { inputs } from '../../inputs.ts'
import { s3StoreOf } from '../../storage/s3/s3-store-of.ts'
import { openLogLines } from '../log-lines.ts'

const DAY = 24 * 3600 * 1000
const START = Date.parse('2026-11-01T00:00:00Z')
const NOW = at(20)
const { signal } = new AbortController()
const spared = { has: async () => false }

/** So many days later. */
function at(day: number): Date {
  return new Date(START + day * DAY)
}

function keyOf(name: number, owner = 'eu-1/shop'): string {
  return `_binaries/${owner}/c0ffee/${String(name).padStart(64, '0')}`
}

/** Programs that were stored at these days. */
async function bucket(t: TestContext, programs: Readonly<Record<string, number>>) {
  const s3 = await startFakeS3({ pageSize: 2 })
  t.after(() => s3[Symbol.asyncDispose]())
  const store = s3StoreOf(s3)
  for (const [key, day] of Object.entries(programs)) {
    await store.put(key, [Buffer.alloc(5)], 5)
    s3.bucket().get(`corefiles/${key}`).storedAt = at(day)
  }
  const keys = () =>
    s3
      .bucket()
      .keys()
      .map(key => key.slice('corefiles/'.length))
  return { s3, store, keys }
}

function oldestOf(days: Readonly<Record<string, readonly number[]>>): OldestCrashes {
  const oldest = new OldestCrashes()
  for (const [namespace, of] of Object.entries(days)) for (const day of of) oldest.note(namespace, at(day))
  return oldest
}

it('removeUnnamedBinaries() removes what is older than all crashes of its namespace, and three days', async t => {
  const { store, keys } = await bucket(t, {
    [keyOf(1)]: 6.9,
    [keyOf(2)]: 7,
    [keyOf(3)]: 15,
    [keyOf(4, 'eu-1/pay')]: 16.9,
    [keyOf(5, 'eu-1/pay')]: 17,
    [keyOf(6, '_none/_host')]: 1,
  })
  const { log, lines } = openLogLines()
  const oldest = oldestOf({ shop: [12, 10, 19] })
  await removeUnnamedBinaries(store, { oldest, clusters: ['eu-1'], spared, now: NOW, signal, log })
  assert.deepEqual(keys(), [keyOf(5, 'eu-1/pay'), keyOf(2), keyOf(3)])
  assert.deepEqual(
    lines.map(({ msg, removed, bytes }) => [msg, removed, bytes]),
    [['programs that no crash names removed', 3, 15]],
  )
})

it('removeUnnamedBinaries() leaves those of another cluster, and what is not ours', async t => {
  const others = [
    keyOf(1, 'us-1/shop'),
    '_binaries/eu-1/shop/c0ffee/readme.txt',
    crashFolder({ kind: 'host', node: 'a' }, { time: at(1), comm: 'a', pid: 1, id: '0123456789ab' }),
  ]
  const { store, keys } = await bucket(t, Object.fromEntries(others.map(key => [key, 1])))
  const { log } = openLogLines()
  await removeUnnamedBinaries(store, {
    oldest: oldestOf({}),
    clusters: ['eu-1'],
    spared,
    now: NOW,
    signal,
    log,
  })
  assert.deepEqual(keys(), others.toSorted())
})

it('removeUnnamedBinaries() leaves one that was named since it was listed', async t => {
  const { s3, store, keys } = await bucket(t, { [keyOf(1)]: 1 })
  const { log } = openLogLines()
  const look: typeof store.look = async key => {
    s3.bucket().get(`corefiles/${key}`).storedAt = NOW
    return await store.look(key)
  }
  const asked = { list: store.list.bind(store), remove: store.remove.bind(store), look }
  await removeUnnamedBinaries(asked, {
    oldest: oldestOf({}),
    clusters: ['eu-1'],
    spared,
    now: NOW,
    signal,
    log,
  })
  assert.deepEqual(keys(), [keyOf(1)])
})

it('no program is removed that a stored crash names, whenever it crashed and what of it was removed', async () => {
  const crash = fc.record({ day: fc.double({ min: 0, max: 30, noNaN: true }), program: fc.nat(3) })
  await fc.assert(
    fc.asyncProperty(fc.array(crash, { maxLength: 30 }), fc.nat(30), async (crashes, kept) => {
      const inOrder = crashes.toSorted((one, other) => one.day - other.day)
      let clock = at(0)
      const store = Object.assign(new MemoryBinaries(() => clock), {
        remove: async (key: string) => void store.objects.delete(key),
      })
      for (const { day, program } of inOrder) {
        clock = at(day)
        await name(store, program, clock)
      }
      const stored = inOrder.slice(-kept)
      const oldest = oldestOf({ shop: stored.map(({ day }) => day) })
      const { log } = openLogLines()
      await removeUnnamedBinaries(store, { oldest, clusters: ['eu-1'], spared, now: at(30), signal, log })
      for (const { program } of stored) assert.ok(store.objects.has(keyOf(program)))
    }),
    inputs(),
  )
})

async function name(store: MemoryBinaries, program: number, now: Date): Promise<void> {
  const file = {
    async *read() {
      yield Buffer.alloc(5)
    },
  }
  const sha256 = keyOf(program).slice(-64)
  const keepable = {
    file,
    sizeBytes: 5,
    buildId: 'c0ffee',
    sha256,
    owner: { cluster: 'eu-1', namespace: 'shop' },
  }
  await keepBinary(keepable, store, { mostBytes: 0, now, signal: new AbortController().signal })
}
