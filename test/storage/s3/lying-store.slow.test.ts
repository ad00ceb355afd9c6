import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { pino } from 'pino'
import { readSpooled } from '../../../handoff/spool-entry.ts'
import { finishCrash } from '../../../installer/spool/finish-crash.ts'
import { elfCore } from '../../fakes/elf-core.ts'
import { type FakeS3, faults, startFakeS3 } from '../../fakes/fake-s3.ts'
import { crashInto, inSpool } from '../../handler/crash-into-spool.ts'
import { NO_GATEWAY, startVersityGateway } from '../../real-s3.ts'
import { chunked } from '../bodies.ts'
import { s3StoreOf } from './s3-store-of.ts'

const SILENT = pino({ enabled: false })

const MIB = 2 ** 20

// Where the store was quicker than the core, the buffer of the first part was not used again, and a beginning
// is kept.
const LOST_OBJECT = /^(not kept: )?the store confirmed the object and does not have it$/

/** A core of so many parts and some bytes. */
function coreOf(parts: number): Buffer {
  const bytes = randomBytes((parts - 1) * 8 * MIB + MIB)
  return elfCore({ pid: 7, threads: 1, memory: [{ address: 0x400000n, bytes }] })
}

/** The crash with that core, and then the installer, with an honest store. */
async function crashAndFinish(test: TestContext, s3: FakeS3, core: Buffer) {
  const store = s3StoreOf(s3)
  const { done, dir } = crashInto(test, store, core, {})
  const handled = await done
  const left = readdirSync(dir).length
  if (left === 0) return { handled, finished: null, reason: null }
  const { record } = await inSpool(dir)
  s3.heal()
  const spooled = await readSpooled(path.join(dir, record.id))
  const finished = await finishCrash(spooled!, { log: SILENT, store, tell: async () => undefined })
  return { handled, finished, reason: finished.core?.incompleteReason ?? null }
}

function storedCore(s3: FakeS3): Buffer | undefined {
  const [key] = s3
    .bucket()
    .keys()
    .filter(name => name.endsWith('/core'))
  return key === undefined ? undefined : s3.bucket().get(key).bytes
}

describe('A store that lies', () => {
  it('about a part that is still at hand costs nothing: the installer brings it again', async t => {
    const core = coreOf(3)
    await using s3 = await startFakeS3()
    s3.fail('UploadPart', faults.lie(), { after: 1 })
    const { finished } = await crashAndFinish(t, s3, core)
    assert.deepEqual([finished?.core?.complete, finished?.core?.checked], [true, true])
    assert.ok(storedCore(s3)?.equals(core))
  })

  it('about an early part makes a core that says where it ends, and that it was the store', async t => {
    const core = coreOf(8)
    await using s3 = await startFakeS3()
    s3.fail('UploadPart', faults.lie(), { after: 2 })
    const { finished, reason } = await crashAndFinish(t, s3, core)
    const stored = storedCore(s3) ?? assert.fail('nothing is stored')
    // Where the store was quicker than the core, the buffer of that part was not used again, and nothing is lost.
    if (finished?.core?.complete === true) return assert.ok(stored.equals(core))
    assert.match(reason ?? '', /^the store confirmed part \d/)
    assert.doesNotMatch(reason ?? '', /killed/)
    assert.ok(stored.length > 0 && stored.equals(core.subarray(0, stored.length)))
  })

  it('about completing a small upload costs nothing', async t => {
    const core = coreOf(3)
    await using s3 = await startFakeS3()
    s3.fail('CompleteMultipartUpload', faults.lie())
    const { finished } = await crashAndFinish(t, s3, core)
    assert.equal(finished?.core?.complete, true)
    assert.ok(storedCore(s3)?.equals(core))
  })

  it('about completing a large upload loses the core, and the words name the store', async t => {
    await using s3 = await startFakeS3()
    s3.fail('CompleteMultipartUpload', faults.lie())
    const { finished, reason } = await crashAndFinish(t, s3, coreOf(8))
    assert.equal(finished?.core?.complete, false)
    assert.match(reason ?? '', LOST_OBJECT)
  })

  it('about a core of one part, and its report, costs nothing', async t => {
    const core = coreOf(1)
    await using s3 = await startFakeS3()
    s3.fail('PutObject', faults.lie(), { times: 2 })
    const { finished } = await crashAndFinish(t, s3, core)
    assert.equal(finished?.core?.complete, true)
    assert.ok(storedCore(s3)?.equals(core))
    assert.equal(
      s3
        .bucket()
        .keys()
        .filter(key => key.endsWith('/report.json')).length,
      1,
    )
  })

  it('only for a moment is believed when it is looked at again', async () => {
    await using s3 = await startFakeS3()
    s3.fail('HeadObject', faults.refuse(404, 'NotFound'))
    const bytes = coreOf(3)
    assert.equal(await s3StoreOf(s3).put('core.gz', chunked(bytes, MIB), bytes.length), 'stored')
  })
})

describe('A store that confirms an object and then does not answer when it is looked at', () => {
  const SLOW = faults.refuse(503, 'SlowDown')
  const ALWAYS = { times: Number.POSITIVE_INFINITY }

  for (const parts of [1, 3, 8]) {
    it(`is looked at again by the installer: a core of ${parts} parts that is there is whole, and checked`, async t => {
      const core = coreOf(parts)
      await using s3 = await startFakeS3()
      s3.fail('HeadObject', SLOW, ALWAYS)
      const { finished } = await crashAndFinish(t, s3, core)
      assert.deepEqual([finished?.core?.complete, finished?.core?.checked], [true, true])
      assert.ok(storedCore(s3)?.equals(core))
    })
  }

  for (const parts of [1, 3]) {
    it(`and has lied about a core of ${parts} parts: the installer brings it again`, async t => {
      const core = coreOf(parts)
      await using s3 = await startFakeS3()
      s3.fail(parts === 1 ? 'PutObject' : 'CompleteMultipartUpload', faults.lie(), ALWAYS)
      s3.fail('HeadObject', SLOW, ALWAYS)
      const { finished } = await crashAndFinish(t, s3, core)
      assert.equal(finished?.core?.complete, true)
      assert.ok(storedCore(s3)?.equals(core))
    })
  }

  it('and has lied about a large one: it is not called complete, and the words name the store', async t => {
    await using s3 = await startFakeS3()
    s3.fail('CompleteMultipartUpload', faults.lie(), ALWAYS)
    s3.fail('HeadObject', SLOW, ALWAYS)
    const { finished, reason } = await crashAndFinish(t, s3, coreOf(8))
    assert.equal(finished?.core?.complete, false)
    assert.match(reason ?? '', LOST_OBJECT)
  })

  it('keeps the report in the spool as well', async t => {
    await using s3 = await startFakeS3()
    s3.fail('PutObject', faults.lie(), { after: 1 })
    s3.fail('HeadObject', SLOW, { after: 1, ...ALWAYS })
    const { finished } = await crashAndFinish(t, s3, coreOf(1))
    assert.equal(finished?.core?.complete, true)
    const keys = s3.bucket().keys()
    assert.equal(keys.filter(key => key.endsWith('/report.json')).length, 1)
  })

  it('is believed where there is no spool, and the report says that it was not checked', async t => {
    await using s3 = await startFakeS3()
    s3.fail('HeadObject', SLOW, ALWAYS)
    for (const parts of [1, 3]) {
      const handled = await crashInto(t, s3StoreOf(s3), coreOf(parts), { spool: '0' }).done
      assert.deepEqual([handled?.core?.complete, handled?.core?.checked], [true, false])
    }
  })

  it('for a reason that stays is believed: nobody would ever hear more', async t => {
    await using s3 = await startFakeS3()
    s3.fail('HeadObject', faults.refuse(405, 'MethodNotAllowed'), ALWAYS)
    const { handled, finished } = await crashAndFinish(t, s3, coreOf(3))
    assert.equal(finished, null)
    assert.equal(handled?.core?.checked, false)
  })
})

it('A store that does not let us look is believed, and the report says that it was not checked', async t => {
  await using s3 = await startFakeS3()
  for (const operation of ['ListParts', 'HeadObject', 'ListObjectsV2'] as const)
    s3.fail(operation, faults.refuse(403, 'AccessDenied'), { times: Number.POSITIVE_INFINITY })
  for (const parts of [1, 3]) {
    const { handled, finished } = await crashAndFinish(t, s3, coreOf(parts))
    assert.equal(finished, null)
    assert.deepEqual([handled?.core?.complete, handled?.core?.checked], [true, false])
  }
})

it('An honest store is looked at once for a core: ListParts before, HEAD after', async t => {
  await using s3 = await startFakeS3()
  const { handled } = await crashAndFinish(t, s3, coreOf(3))
  assert.equal(handled?.core?.checked, true)
  const looks = s3.requests.filter(({ operation, key }) => operation === 'ListParts' || key.endsWith('/core'))
  assert.deepEqual(
    looks.map(({ operation }) => operation).filter(operation => operation !== 'UploadPart'),
    ['CreateMultipartUpload', 'ListParts', 'CompleteMultipartUpload', 'HeadObject'],
  )
})

it('A real S3 server is seen to have what it was given', async t => {
  const server = await startVersityGateway()
  if (server === null) return t.skip(NO_GATEWAY)
  try {
    const store = s3StoreOf(server)
    const bytes = coreOf(3)
    assert.equal(await store.put('core.gz', chunked(bytes, MIB), bytes.length), 'stored')
    assert.equal(await store.put('report.json', [Buffer.from('{}')], 2), 'stored')
  } finally {
    await server.close()
  }
})

for (const operation of ['PutObject', 'CreateMultipartUpload', 'ListObjectsV2'] as const) {
  it(`An answer to ${operation} that never ends is not read to the end of memory`, async () => {
    await using s3 = await startFakeS3()
    s3.fail(operation, faults.endless(), { times: Number.POSITIVE_INFINITY })
    const store = s3StoreOf(s3)
    const bytes = coreOf(operation === 'CreateMultipartUpload' ? 2 : 1)
    const before = process.memoryUsage().rss
    await assert.rejects(async () => {
      if (operation === 'ListObjectsV2') for await (const _ of store.list('')) assert.fail('there is nothing')
      else await store.put('core.gz', chunked(bytes, MIB), bytes.length)
    }, /the store answers without an end/)
    assert.ok(process.memoryUsage().rss - before < 256 * MIB)
  })
}
