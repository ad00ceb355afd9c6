import assert from 'node:assert/strict'
import { it } from 'node:test'
import { keepBinary } from '../../../handler/binaries/keep-binary.ts'
import { StoreError } from '../../../storage/errors.ts'
import { MemoryBinaries } from '../../fakes/memory-sink.ts'

const OWNER = { cluster: 'prod', namespace: 'shop' }
const FOLDER = '_binaries/prod/shop'
const SHA256 = 'ab'.repeat(32)
const PROGRAM = Buffer.from('\x7fELF and so on')
const DAY = 24 * 3600 * 1000
const START = new Date('2026-11-21T00:00:00Z')
const NEVER = new AbortController().signal

/** A store whose clock a test turns. */
class Store extends MemoryBinaries {
  clock = START
  readonly sent: string[] = []

  constructor() {
    super(() => this.clock)
  }

  override putOnce(...asked: Parameters<MemoryBinaries['putOnce']>): Promise<'stored' | 'present'> {
    this.sent.push(asked[2] ?? 'once')
    return super.putOnce(...asked)
  }
}

function keep(
  store: MemoryBinaries,
  { mostBytes = 1000, now = START, sha256 = SHA256, signal = NEVER } = {},
) {
  const file = {
    async *read() {
      yield PROGRAM
    },
  }
  const keepable = { file, sizeBytes: PROGRAM.length, owner: OWNER, buildId: 'c0ffee', sha256 }
  return keepBinary(keepable, store, { mostBytes, now, signal })
}

it('keepBinary() stores a program once', async () => {
  const store = new Store()
  await keep(store)
  await keep(store)
  assert.deepEqual([...store.objects], [[`${FOLDER}/c0ffee/${SHA256}`, PROGRAM]])
  assert.deepEqual(store.sent, ['once'])
})

it('keepBinary() makes one young again that was named a day ago, and one that is not whole', async () => {
  const store = new Store()
  await keep(store)
  await keep(store, { now: new Date(START.getTime() + DAY - 1) })
  assert.deepEqual(store.sent, ['once'])
  await keep(store, { now: new Date(START.getTime() + DAY) })
  assert.deepEqual(store.sent, ['once', 'anew'])
  store.objects.set(`${FOLDER}/c0ffee/${SHA256}`, Buffer.from('half'))
  await keep(store)
  assert.deepEqual([...store.objects.values()], [PROGRAM])
})

it('keepBinary() stores no more of a namespace than it may have', async () => {
  const store = new Store()
  await keep(store, { mostBytes: PROGRAM.length })
  const other = { sha256: 'cd'.repeat(32) }
  const full = /^programs of shop take what limits.binariesPerNamespace allows: \d+ bytes$/
  await assert.rejects(keep(store, { ...other, mostBytes: 2 * PROGRAM.length - 1 }), { message: full })
  assert.equal(store.objects.size, 1)
  // What is there takes no more.
  await keep(store, { mostBytes: 1, now: new Date(START.getTime() + DAY) })
  await keep(store, { ...other, mostBytes: 2 * PROGRAM.length })
  assert.equal(store.objects.size, 2)
})

it('keepBinary() counts the programs of a namespace, too, and those of no other', async () => {
  const store = new Store()
  for (let number = 0; number < 1000; number += 1) store.objects.set(`${FOLDER}2/x/${number}`, PROGRAM)
  await keep(store, { mostBytes: 2 ** 30 })
  for (let number = 0; number < 999; number += 1) store.objects.set(`${FOLDER}/x/${number}`, PROGRAM)
  const other = { sha256: 'cd'.repeat(32) }
  // A higher limit would be no help.
  const hint = /^Set a retention/
  await assert.rejects(keep(store, { ...other, mostBytes: 2 ** 30 }), { message: /^there are 1000 /, hint })
  await keep(store, { ...other, mostBytes: 0 })
})

it('keepBinary() stores what it may not look for', async () => {
  class WriteOnly extends Store {
    override async look(): Promise<'hidden'> {
      return 'hidden'
    }

    override list(prefix: string): AsyncGenerator<never> {
      const cause = Object.assign(new Error('no'), {
        name: 'AccessDenied',
        $metadata: { httpStatusCode: 403 },
      })
      throw new StoreError('list', prefix, cause)
    }
  }
  const store = new WriteOnly()
  await keep(store)
  await keep(store)
  assert.deepEqual([store.sent, store.objects.size], [['once', 'once'], 1])
})

it('keepBinary() sends nothing when it is late', async () => {
  const store = new Store()
  const signal = AbortSignal.abort(new Error('it took too long'))
  await assert.rejects(keep(store, { signal }), /it took too long/)
  assert.deepEqual(store.sent, [])
})
