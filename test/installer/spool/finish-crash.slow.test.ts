import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { pino } from 'pino'
import { indexedFolder, parseIndexKey } from '../../../crash/index-entry.ts'
import type { CrashReport } from '../../../crash/report.ts'
import { readSpooled, SpoolEntry, spooledIn } from '../../../handoff/spool-entry.ts'
import type { SpoolRecord } from '../../../handoff/spool-record.ts'
import { finishCrash } from '../../../installer/spool/finish-crash.ts'
import type { Notification } from '../../../notify/notification.ts'
import { FileStore } from '../../../storage/file/file-store.ts'
import type { ObjectStore } from '../../../storage/object-store.ts'
import type { Failover } from '../../../storage/parts/failover.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { type FakeS3, faults, startFakeS3 } from '../../fakes/fake-s3.ts'
import { chunked } from '../../storage/bodies.ts'
import { s3StoreOf } from '../../storage/s3/s3-store-of.ts'

const SILENT = pino({ enabled: false })

const MIB = 2 ** 20
const FOLDER = 'shop/web/app/20261121T000000Z-web-7-0123456789ab'
const KEY = `${FOLDER}/core.gz`
const ID = '0123456789ab'
const bytes = randomBytes(3 * 8 * MIB + 12_345)

const draft: CrashReport = {
  schema: 'coredog.io/report/v1',
  id: ID,
  core: { key: `corefiles/${KEY}`, url: `s3://cores/corefiles/${KEY}`, compression: 'gzip', complete: false },
}
const whole: CrashReport = {
  ...draft,
  core: { ...draft.core, complete: true, storedBytes: bytes.length, sha256: 'ab'.repeat(32), sizeBytes: 99 },
}

/** One crash on its way into `store`, as a handler does it; `die` leaves everything as a kill would. */
class Journey {
  readonly dir: string
  readonly notices: Notification[] = []
  readonly store: ObjectStore

  constructor(test: TestContext, store: ObjectStore) {
    this.dir = path.join(temporaryFolder(test), 'spool')
    this.store = store
  }

  begin(onFull: () => void = () => undefined, maxBytes = 2 ** 40, salvageBytes = 0): Promise<SpoolEntry> {
    const record: SpoolRecord = {
      id: ID,
      writer: null,
      folder: FOLDER,
      report: draft,
      sealed: false,
      corefilePath: '/corefile/shop/web/app/core.web.7.web.1',
      core: { key: KEY, partBytes: null, uploadId: null, lastPart: null, cut: null },
      told: false,
    }
    const allowance = {
      dir: this.dir,
      maxBytes,
      perNamespace: 1,
      keepFree: 0,
      salvageBytes,
      onFull,
      onSpent: () => undefined,
    }
    return SpoolEntry.begin(record, allowance)
  }

  async put(
    entry: SpoolEntry,
    body: AsyncIterable<Uint8Array> | Iterable<Uint8Array> = chunked(bytes, 65_536),
  ) {
    const failover: Failover = {
      overdue: new AbortController().signal,
      begun: upload => entry.begun(upload),
      takeOver: situation => entry.takeOver(situation),
    }
    return this.store.put(KEY, body, bytes.length, failover)
  }

  /** What the installer does, again and again until the store takes it. */
  async finish(): Promise<CrashReport | null> {
    const [folder] = await spooledIn(this.dir)
    const spooled = folder === undefined ? null : await readSpooled(folder)
    if (spooled === null) return null
    return finishCrash(spooled, {
      log: SILENT,
      store: this.store,
      tell: async notification => void this.notices.push(notification),
    })
  }

  async stored(): Promise<Buffer | null> {
    try {
      return Buffer.concat(await (await this.store.get(KEY)).toArray())
    } catch {
      return null
    }
  }

  /** Exactly one object, one report and its two names, no destination told twice, nothing left behind. */
  async assertFinished(outcome: Notification['outcome']): Promise<void> {
    const keys: string[] = []
    for await (const { key } of this.store.list('')) keys.push(key)
    const expected = outcome === 'lost' ? [`${FOLDER}/report.json`] : [KEY, `${FOLDER}/report.json`]
    assert.deepEqual(keys.slice(2), expected)
    const named = keys.slice(0, 2).map(key => parseIndexKey(key) ?? assert.fail(key))
    assert.deepEqual(named.map(indexedFolder), [FOLDER, FOLDER])
    assert.ok(named.every(({ storedBytes }) => storedBytes > 0 || outcome !== 'stored'))
    assert.deepEqual(
      this.notices.map(notification => notification.outcome),
      [outcome],
    )
    assert.deepEqual(readdirSync(this.dir), [])
  }
}

/** As it is when the installer has looked at it in the store. */
const seenWhole = { ...whole, core: { ...whole.core, checked: true } }

/** Four parts of which `spooled` are on the node, and the others were confirmed by the store. */
const LOSSES = [
  {
    name: 'all that it had confirmed',
    spooled: [4],
    lost: [1, 2, 3],
    keptParts: 0,
    reason: 'the store confirmed parts from 1 on and does not have them',
  },
  {
    name: 'the first part',
    spooled: [4],
    lost: [1],
    keptParts: 0,
    reason: 'the store confirmed part 1 and does not have it',
  },
  {
    name: 'a part in the middle',
    spooled: [4],
    lost: [2],
    keptParts: 1,
    reason: 'the store confirmed part 2 and does not have it',
  },
  {
    name: 'the last part',
    spooled: [1, 2, 3],
    lost: [4],
    keptParts: 3,
    reason: 'the store confirmed part 4 and does not have it',
  },
  {
    name: 'the upload',
    spooled: [1],
    lost: 'upload',
    keptParts: 1,
    reason: 'the store confirmed parts from 2 on and does not have them',
  },
  {
    name: 'the upload with the beginning',
    spooled: [4],
    lost: 'upload',
    keptParts: 0,
    reason: 'the store has forgotten the beginning of it, which was not on the node any more',
  },
] as const

/** As a handler leaves it that came to its end and had to keep `spooled` of four parts on the node. */
async function leaveParts(
  journey: Journey,
  spooled: readonly number[],
  spoolMaxBytes = 2 ** 40,
): Promise<void> {
  const entry = await journey.begin(() => undefined, spoolMaxBytes)
  const upload = await journey.store.object(KEY, 8 * MIB).begin()
  const begun = { uploadId: upload.id, partBytes: 8 * MIB }
  await entry.begun(begun)
  const spill = await entry.takeOver({ ...begun, stored: [], cause: new Error('the store failed') })
  for (const number of [1, 2, 3, 4]) {
    const part = bytes.subarray((number - 1) * 8 * MIB, number * 8 * MIB)
    await (spooled.includes(number)
      ? spill.keep(number, part)
      : upload.putPart(number, part, new AbortController().signal))
  }
  await spill.end(4, false)
  await entry.leave({ report: whole })
}

interface Server {
  readonly store: ObjectStore
  /** Unfinished uploads. */
  readonly open: () => number
}

async function s3Server(t: TestContext): Promise<Server & { readonly s3: FakeS3 }> {
  const s3 = await startFakeS3()
  t.after(() => s3[Symbol.asyncDispose]())
  return { s3, store: s3StoreOf(s3), open: () => s3.bucket().uploads.size }
}

describe('finishCrash() at S3', () => {
  for (const after of [0, 1, 2, 3]) {
    it(`goes on after ${after} parts with the very upload that the handler began`, async t => {
      const { s3, store, open } = await s3Server(t)
      s3.fail('UploadPart', faults.refuse(403, 'AccessDenied'), { after, times: 99 })
      const journey = new Journey(t, store)
      const entry = await journey.begin()
      assert.equal(await journey.put(entry), 'failed over')
      await entry.leave({ report: whole })
      s3.heal()
      assert.deepEqual(await journey.finish(), seenWhole)
      assert.ok((await journey.stored())?.equals(bytes))
      assert.equal(s3.seen('CreateMultipartUpload').length, 1)
      assert.equal(open(), 0)
      await journey.assertFinished('stored')
    })
  }

  it('begins an upload where the handler could not, and puts a small core whole', async t => {
    for (const body of [bytes, bytes.subarray(0, 1000)]) {
      const { s3, store, open } = await s3Server(t)
      s3.fail('CreateMultipartUpload', faults.refuse(403, 'AccessDenied'))
      s3.fail('PutObject', faults.refuse(403, 'AccessDenied'))
      const journey = new Journey(t, store)
      const entry = await journey.begin()
      assert.equal(await journey.put(entry, chunked(body, 65_536)), 'failed over')
      await entry.leave({ report: whole })
      s3.heal()
      await journey.finish()
      assert.ok((await journey.stored())?.equals(body))
      assert.equal(open(), 0)
      await journey.assertFinished('stored')
    }
  })

  it('tries again while the store refuses, and neither loses nor doubles', async t => {
    const { s3, store, open } = await s3Server(t)
    s3.fail('UploadPart', faults.refuse(403, 'AccessDenied'), { after: 1, times: 99 })
    const journey = new Journey(t, store)
    const entry = await journey.begin()
    await journey.put(entry)
    await entry.leave({ report: whole })
    await assert.rejects(journey.finish(), /AccessDenied|refuses/)
    s3.heal()
    s3.fail('CompleteMultipartUpload', faults.errorIn200(), { times: 99 })
    await assert.rejects(journey.finish())
    s3.heal()
    s3.fail('PutObject', faults.refuse(403, 'AccessDenied'), { times: 99 })
    await assert.rejects(journey.finish(), /report\.json/)
    s3.heal()
    assert.deepEqual(await journey.finish(), seenWhole)
    assert.ok((await journey.stored())?.equals(bytes))
    assert.equal(open(), 0)
    await journey.assertFinished('stored')
  })

  it('sees that a Complete whose answer got lost was heard', async t => {
    const { s3, store } = await s3Server(t)
    const journey = new Journey(t, store)
    const entry = await journey.begin()
    // The process that would have read the answer is killed.
    const killed = journey.put(entry)
    await entry.seal(whole)
    await killed
    assert.deepEqual(await journey.finish(), seenWhole)
    assert.ok((await journey.stored())?.equals(bytes))
    await journey.assertFinished('stored')
    assert.equal(s3.seen('CreateMultipartUpload').length, 1)
  })

  it('does not take a core for lost that it may not look at for a while', async t => {
    const { s3, store, open } = await s3Server(t)
    const journey = new Journey(t, store)
    const entry = await journey.begin()
    const killed = journey.put(entry, chunked(bytes.subarray(0, 1000), 65_536))
    await entry.seal({ ...whole, core: { ...whole.core, storedBytes: 1000 } })
    await killed
    for (const refused of ['HeadObject', 'ListObjectsV2', 'CreateMultipartUpload'] as const)
      s3.fail(refused, faults.refuse(403, 'AccessDenied'))
    await assert.rejects(journey.finish(), /AccessDenied/)
    s3.fail('HeadObject', faults.refuse(403, 'AccessDenied'))
    s3.fail('ListObjectsV2', faults.refuse(403, 'SignatureDoesNotMatch'))
    await assert.rejects(journey.finish(), /SignatureDoesNotMatch/)
    assert.equal((await journey.finish())?.core?.complete, true)
    assert.equal(open(), 0)
    await journey.assertFinished('stored')
  })

  it('lists what it may not look at', async t => {
    const { s3, store } = await s3Server(t)
    const journey = new Journey(t, store)
    const entry = await journey.begin()
    const killed = journey.put(entry)
    await entry.seal(whole)
    await killed
    s3.fail('HeadObject', faults.refuse(403, 'AccessDenied'), { times: 99 })
    assert.deepEqual(await journey.finish(), seenWhole)
  })

  it('names a core that it may neither look at nor list, and says that it cannot be told how it is', async t => {
    const { s3, store } = await s3Server(t)
    const journey = new Journey(t, store)
    const entry = await journey.begin()
    const killed = journey.put(entry)
    await entry.seal(whole)
    await killed
    s3.fail('HeadObject', faults.refuse(403, 'AccessDenied'), { times: 99 })
    s3.fail('ListObjectsV2', faults.refuse(403, 'AccessDenied'), { times: 2 })
    const { storedBytes: _, sha256: __, ...core } = whole.core ?? {}
    const reason =
      'it cannot be told whether it is whole: a process was killed, and the store does not let us look'
    assert.deepEqual((await journey.finish())?.core, { ...core, complete: false, incompleteReason: reason })
    await journey.assertFinished('incomplete')
  })

  it('completes what the store has of a handler that was killed, as incomplete', async t => {
    const { s3, store, open } = await s3Server(t)
    const journey = new Journey(t, store)
    const entry = await journey.begin()
    const upload = await store.object(KEY, 8 * MIB).begin()
    await entry.begun({ uploadId: upload.id, partBytes: 8 * MIB })
    for (const number of [1, 2]) {
      const part = bytes.subarray((number - 1) * 8 * MIB, number * 8 * MIB)
      await upload.putPart(number, part, new AbortController().signal)
    }
    const report = await journey.finish()
    assert.deepEqual(report?.core, {
      ...draft.core,
      storedBytes: 16 * MIB,
      incompleteReason: 'its handler was killed while it stored the core',
    })
    assert.ok((await journey.stored())?.equals(bytes.subarray(0, 16 * MIB)))
    assert.equal(open(), 0)
    await journey.assertFinished('incomplete')
    assert.equal(s3.seen('CreateMultipartUpload').length, 1)
  })

  it('takes no part after a gap', async t => {
    const { store } = await s3Server(t)
    const journey = new Journey(t, store)
    const entry = await journey.begin()
    const upload = await store.object(KEY, 8 * MIB).begin()
    await entry.begun({ uploadId: upload.id, partBytes: 8 * MIB })
    for (const number of [1, 3]) {
      await upload.putPart(number, bytes.subarray(0, 8 * MIB), new AbortController().signal)
    }
    assert.equal((await journey.finish())?.core?.storedBytes, 8 * MIB)
    await journey.assertFinished('incomplete')
  })

  it('tells of a crash of which the store had nothing, and leaves no upload open', async t => {
    for (const begun of [false, true]) {
      const { store, open } = await s3Server(t)
      const journey = new Journey(t, store)
      const entry = await journey.begin()
      if (begun) {
        const upload = await store.object(KEY, 8 * MIB).begin()
        await entry.begun({ uploadId: upload.id, partBytes: 8 * MIB })
      }
      const report = await journey.finish()
      assert.match(report?.core?.incompleteReason ?? '', /^not kept: .*killed before the store had any of it/)
      assert.equal(open(), 0)
      await journey.assertFinished('lost')
    }
  })

  it('leaves no upload open that somebody began and was killed before he noted its id', async t => {
    const { s3, store, open } = await s3Server(t)
    s3.fail('CreateMultipartUpload', faults.refuse(403, 'AccessDenied'))
    const journey = new Journey(t, store)
    const entry = await journey.begin()
    await journey.put(entry)
    await entry.leave({ report: whole })
    await store.object(KEY, 8 * MIB).begin()
    assert.deepEqual(await journey.finish(), seenWhole)
    assert.ok((await journey.stored())?.equals(bytes))
    assert.equal(open(), 0)
  })

  it('finishes also where uploads may not be listed', async t => {
    const { s3, store } = await s3Server(t)
    s3.fail('CreateMultipartUpload', faults.refuse(403, 'AccessDenied'))
    s3.fail('ListMultipartUploads', faults.refuse(403, 'AccessDenied'))
    const journey = new Journey(t, store)
    const entry = await journey.begin()
    await journey.put(entry)
    await entry.leave({ report: whole })
    assert.deepEqual(await journey.finish(), seenWhole)
    assert.ok((await journey.stored())?.equals(bytes))
    assert.equal(s3.seen('ListMultipartUploads').length, 1)
  })

  it('tells of a core whose upload the store has forgotten', async t => {
    const { s3, store } = await s3Server(t)
    s3.fail('UploadPart', faults.refuse(403, 'AccessDenied'), { after: 2, times: 99 })
    const journey = new Journey(t, store)
    const entry = await journey.begin()
    await journey.put(entry)
    await entry.leave({ report: whole })
    s3.heal()
    s3.bucket().uploads.clear()
    const report = await journey.finish()
    assert.match(report?.core?.incompleteReason ?? '', /the store has forgotten/)
    await journey.assertFinished('lost')
  })

  for (const { name, spooled, lost, keptParts, reason } of LOSSES) {
    it(`finishes a core of which the store lost ${name}, and says that the store did`, async t => {
      const { s3, store, open } = await s3Server(t)
      const journey = new Journey(t, store)
      await leaveParts(journey, spooled)
      const [upload] = s3.bucket().uploads.values()
      for (const number of lost === 'upload' ? [] : lost) upload?.parts.delete(number)
      if (lost === 'upload') s3.bucket().uploads.clear()
      const report = await journey.finish()
      const why = keptParts === 0 ? `not kept: ${reason}` : reason
      assert.equal(report?.core?.incompleteReason, why)
      const beginning = keptParts === 0 ? null : bytes.subarray(0, keptParts * 8 * MIB)
      assert.deepEqual(await journey.stored(), beginning)
      assert.equal(open(), 0)
      await journey.assertFinished(keptParts === 0 ? 'lost' : 'incomplete')
    })
  }

  it('says that the store lost a part also after it was itself killed at it', async t => {
    const { s3, store } = await s3Server(t)
    const journey = new Journey(t, store)
    await leaveParts(journey, [4])
    const [upload] = s3.bucket().uploads.values()
    upload?.parts.delete(2)
    // Its last call, after the upload was completed and before the record says so.
    s3.fail('ListMultipartUploads', faults.refuse(500, 'InternalError'), { times: 99 })
    await assert.rejects(journey.finish())
    s3.heal()
    const report = await journey.finish()
    assert.equal(report?.core?.incompleteReason, 'the store confirmed part 2 and does not have it')
    await journey.assertFinished('incomplete')
  })

  it('says that there was no room where the node had none for any of it', async t => {
    const { store } = await s3Server(t)
    const journey = new Journey(t, store)
    await leaveParts(journey, [1, 2, 3, 4], 1)
    const report = await journey.finish()
    assert.match(report?.core?.incompleteReason ?? '', /^not kept: there was no room/)
    await journey.assertFinished('lost')
  })

  it('goes on after a kill at any of its own steps', async t => {
    for (const died of ['core', 'report', 'tell'] as const) {
      const { s3, store } = await s3Server(t)
      s3.fail('UploadPart', faults.refuse(403, 'AccessDenied'), { after: 1, times: 99 })
      const journey = new Journey(t, store)
      const entry = await journey.begin()
      await journey.put(entry)
      await entry.leave({ report: whole })
      s3.heal()
      const [folder] = await spooledIn(journey.dir)
      const spooled = await readSpooled(folder!) // just written
      const killed = new Error(`killed at ${died}`)
      const dying = Object.create(store, {
        put: { value: died === 'tell' ? store.put.bind(store) : () => Promise.reject(killed) },
        object: { value: store.object.bind(store) },
        link: { value: store.link.bind(store) },
      }) as ObjectStore
      await assert.rejects(
        finishCrash(spooled!, { log: SILENT, store: dying, tell: () => Promise.reject(killed) }),
        /killed/,
      )
      assert.deepEqual(await journey.finish(), seenWhole)
      assert.ok((await journey.stored())?.equals(bytes))
      await journey.assertFinished('stored')
    }
  })

  it('keeps the beginning of a core for which there was no room, and says so', async t => {
    const { s3, store } = await s3Server(t)
    s3.fail('CreateMultipartUpload', faults.refuse(403, 'AccessDenied'))
    const journey = new Journey(t, store)
    let full = 0
    const entry = await journey.begin(() => full++, 1, 16 * MIB)
    await journey.put(entry)
    await entry.leave({ report: whole })
    s3.heal()
    const report = await journey.finish()
    assert.equal(full, 1)
    assert.equal(report?.core?.complete, false)
    assert.match(report?.core?.incompleteReason ?? '', /no room/)
    assert.ok((await journey.stored())?.equals(bytes.subarray(0, 16 * MIB)))
    await journey.assertFinished('incomplete')
  })
})

describe('finishCrash() after the disk of the node was full', () => {
  it('keeps what the store has already, and says why there is no more', async t => {
    const { s3, store, open } = await s3Server(t)
    s3.fail('UploadPart', faults.refuse(403, 'AccessDenied'), { after: 2, times: 99 })
    const journey = new Journey(t, store)
    using disk = smallDisk(journey.dir)
    if (disk === null) return t.skip('only root can mount a small disk')
    let full = 0
    const entry = await journey.begin(() => full++, 2 ** 40, 64 * MIB)
    assert.equal(await journey.put(entry, pausing(s3)), 'failed over')
    await entry.leave({ report: whole })
    s3.heal()
    const report = await journey.finish()
    assert.equal(full, 1)
    assert.match(report?.core?.incompleteReason ?? '', /no room/)
    assert.ok((await journey.stored())?.equals(bytes.subarray(0, 16 * MIB)))
    assert.equal(open(), 0)
    await journey.assertFinished('incomplete')
  })
})

/** The bytes; the third part comes when the store has two, so that it has the first two. */
async function* pausing(s3: FakeS3): AsyncGenerator<Uint8Array> {
  yield bytes.subarray(0, 16 * MIB + 1)
  const stored = () => [...s3.bucket().uploads.values()].map(({ parts }) => parts.size)
  while (stored()[0] !== 2) await setImmediate()
  yield bytes.subarray(16 * MIB + 1)
}

/** A disk of 1 MiB at `folder`, until it is disposed. Only root can. */
function smallDisk(folder: string): Disposable | null {
  mkdirSync(folder)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'coredog-test', folder], { stdio: 'ignore' })
  } catch {
    return null
  }
  return { [Symbol.dispose]: () => execFileSync('umount', ['--lazy', folder]) }
}

describe('finishCrash() at a mounted file system', () => {
  it('goes on with a core when the mount is back', async t => {
    const mountPath = path.join(temporaryFolder(t), 'mount')
    const store = new FileStore({ protocol: 'cfs', mountPath, storeDir: 'corefiles' })
    const journey = new Journey(t, store)
    const entry = await journey.begin()
    assert.equal(await journey.put(entry), 'failed over')
    await entry.leave({ report: whole })
    await assert.rejects(journey.finish(), /does not exist/)
    mkdirSync(mountPath)
    assert.deepEqual(await journey.finish(), seenWhole)
    assert.ok((await journey.stored())?.equals(bytes))
    await journey.assertFinished('stored')
  })

  it('goes on with the very file of a handler whose mount went away', async t => {
    const mountPath = path.join(temporaryFolder(t), 'mount')
    mkdirSync(mountPath)
    const store = new FileStore({ protocol: 'cfs', mountPath, storeDir: '' })
    const journey = new Journey(t, store)
    const entry = await journey.begin()
    const upload = await store.object(KEY, 8 * MIB).begin()
    await entry.begun({ uploadId: upload.id, partBytes: 8 * MIB })
    const never = new AbortController().signal
    await upload.putPart(1, bytes.subarray(0, 8 * MIB), never)
    await upload.putPart(2, bytes.subarray(8 * MIB, 9 * MIB), never)
    const report = await journey.finish()
    // Of the second part it is not known that it is whole.
    assert.equal(report?.core?.storedBytes, 8 * MIB)
    assert.ok((await journey.stored())?.subarray(0, 8 * MIB).equals(bytes.subarray(0, 8 * MIB)))
    assert.deepEqual(
      readdirSync(path.join(mountPath, FOLDER)).filter(name => name.startsWith('.')),
      [],
    )
    rmSync(mountPath, { recursive: true })
  })
})
