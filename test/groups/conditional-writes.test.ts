import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { tryConditionalWrites } from '../../groups/conditional-writes.ts'
import { StoreError } from '../../storage/errors.ts'
import { storeIn } from '../../storage/open-store.ts'
import { type FakeS3, faults, startFakeS3 } from '../fakes/fake-s3.ts'
import { s3StoreOf } from '../storage/s3/s3-store-of.ts'

const NEVER = new AbortController().signal

describe('tryConditionalWrites()', () => {
  let s3: FakeS3
  beforeEach(async () => {
    s3 = await startFakeS3()
  })
  afterEach(() => s3[Symbol.asyncDispose]())
  const tried = (fake = s3) => tryConditionalWrites(s3StoreOf(fake), 'node-1', NEVER)

  it('says that they work, and leaves nothing', async () => {
    assert.deepEqual(await tried(), { works: true })
    assert.deepEqual(s3.bucket().keys(), [])
    assert.ok(s3.seen('PutObject').every(({ key }) => key.startsWith('corefiles/_self-test/node-1-')))
  })

  it('says it of a directory', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'coredog-conditional-'))
    try {
      assert.deepEqual(await tryConditionalWrites(storeIn(folder), 'node-1', NEVER), { works: true })
      assert.deepEqual(await readdir(path.join(folder, '_self-test')), [])
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('finds a store that ignores the condition', async () => {
    await using other = await startFakeS3({ rules: { ignoresConditions: true } })
    assert.deepEqual(await tried(other), {
      works: false,
      reason: 'it overwrites what it is asked to leave as it is',
    })
    assert.deepEqual(other.bucket().keys(), [])
  })

  it('finds a store that is not sure who was first', async () => {
    const store = s3StoreOf(s3)
    const often = {
      putIfNew: async (key: string, body: Uint8Array) =>
        key.endsWith('-2') && body.length % 2 === 1 ? ('won' as const) : store.putIfNew(key, body, NEVER),
      get: store.get.bind(store),
      list: store.list.bind(store),
      remove: store.remove.bind(store),
    }
    const found = await tryConditionalWrites(often, 'node-1', NEVER)
    assert.match(
      found.works ? '' : found.reason,
      /^of 50 that stored an object at once it told \d+ that they did$/,
    )
  })

  it('takes it for an answer that the keys of the node may not list, or that nothing is known of the header', async () => {
    s3.fail('ListObjectsV2', faults.refuse(403, 'AccessDenied'))
    assert.match(
      JSON.stringify(await tried()),
      /"works":false,"reason":"Cannot list .* refuses the access key /,
    )
    s3.fail('PutObject', faults.refuse(501, 'NotImplemented', 'A header is not implemented.'))
    assert.match(
      JSON.stringify(await tried()),
      /"works":false,"reason":"Cannot put .* does not know this kind/,
    )
    assert.deepEqual(s3.bucket().keys(), [])
  })

  it('rejects where the store is away', async () => {
    s3.fail('PutObject', faults.slowDown(), { times: 100 })
    await assert.rejects(tried(), StoreError)
  })
})
