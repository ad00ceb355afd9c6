import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { NoSuchBytesError, NotFoundError, StoreError } from '../../storage/errors.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import type { Rereadable } from '../../storage/rereadable.ts'
import { all, chunked, failingAfter } from './bodies.ts'

/** A store to be tried, with `corefiles` as its StoreDir, and a look behind it. */
export interface Subject {
  readonly store: ObjectStore
  /** Has an object be an hour old, where a test can. */
  age?(key: string): Promise<void>
  /** Names of what is there and is no object: open multipart uploads, unfinished files. */
  leftovers(): Promise<readonly string[]>
  close(): Promise<void>
}

const MIB = 1024 * 1024
const NEVER = new AbortController().signal
/** The least part of storage/parts/part-size.ts. */
const PART_BYTES = 8 * MIB

const boundaries = [
  { name: 'an empty body', sizeBytes: 0 },
  { name: 'one byte less than a part', sizeBytes: PART_BYTES - 1 },
  { name: 'exactly one part', sizeBytes: PART_BYTES },
  { name: 'one byte more than a part', sizeBytes: PART_BYTES + 1 },
  { name: 'exactly two parts', sizeBytes: 2 * PART_BYTES },
  { name: 'several parts', sizeBytes: 4 * PART_BYTES + 12_345 },
]

const wrongKeys = [
  '',
  '/etc/passwd',
  '../outside',
  'a/../../outside',
  'a//b',
  'a/./b',
  'a/',
  'nul\0byte',
  'x'.repeat(1100),
]

/** What every ObjectStore promises. `open` gives an empty store; `unavailable` says why there is none. */
export function conformsToObjectStore(
  name: string,
  open: () => Promise<Subject>,
  unavailable: string | false = false,
): void {
  describe(`${name} conforms to ObjectStore`, { skip: unavailable }, () => {
    let subject: Subject
    const put = (key: string, bytes: Uint8Array, chunkBytes = 64 * 1024) =>
      subject.store.put(key, chunked(bytes, chunkBytes), bytes.length)

    before(async () => {
      subject = await open()
    })
    after(() => subject.close())

    for (const { name, sizeBytes } of boundaries) {
      it(`put() and get() keep ${name} to the byte`, async () => {
        const bytes = randomBytes(sizeBytes)
        await put('boundaries/core.gz', bytes)
        assert.ok(bytes.equals(await read(subject.store, 'boundaries/core.gz')))
        assert.deepEqual(await subject.leftovers(), [])
      })
    }

    it('put() takes a body one byte at a time', async () => {
      const bytes = randomBytes(1000)
      await put('one/byte', bytes, 1)
      assert.ok(bytes.equals(await read(subject.store, 'one/byte')))
    })

    it('put() takes chunks that fit no part', async () => {
      const bytes = randomBytes(2 * PART_BYTES + 1)
      await put('odd/chunks', bytes, 999_983)
      assert.ok(bytes.equals(await read(subject.store, 'odd/chunks')))
    })

    it('unfinished() has what was begun, and abort() removes it, and nothing else', async () => {
      const begun = []
      for (let number = 0; number < 5; number += 1) {
        begun.push(await subject.store.object(`left/${number}/core.gz`, PART_BYTES).begin())
      }
      await put('left/whole', Buffer.from('an object'))
      const found = await all(subject.store.unfinished())
      assert.deepEqual(
        found.map(({ key, uploadId }) => [key.split('/').slice(0, 2).join('/'), uploadId]),
        begun.map(({ id }, number) => [`left/${number}`, id]),
      )
      assert.ok(found.every(({ touchedAt }) => Math.abs(touchedAt.getTime() - Date.now()) < 600_000))
      for (const unfinished of found) await unfinished.abort()
      // Another process was quicker.
      await found[0]?.abort()
      assert.deepEqual(await subject.leftovers(), [])
      assert.deepEqual(await keys(subject.store, 'left/'), ['left/whole'])
    })

    it('put() overwrites', async () => {
      await put('over/write', Buffer.from('the first, and longer'))
      await put('over/write', Buffer.from('the second'))
      assert.equal(String(await read(subject.store, 'over/write')), 'the second')
    })

    for (const sizeBytes of [7, PART_BYTES + 1, 3 * PART_BYTES]) {
      it(`put() leaves nothing behind when the body fails after ${sizeBytes} bytes`, async () => {
        const death = new Error('the process was killed')
        const body = failingAfter(randomBytes(sizeBytes), death)
        await assert.rejects(subject.store.put('half/way', body, 10 * PART_BYTES), (error: unknown) => {
          assert.ok(error instanceof StoreError && error.op === 'put' && error.key === 'half/way')
          assert.match(error.message, /^Cannot put ".*corefiles\/half\/way": .*the process was killed$/)
          assert.ok(causesOf(error).includes(death))
          return true
        })
        await assert.rejects(read(subject.store, 'half/way'), NotFoundError)
        assert.deepEqual(await keys(subject.store, 'half/'), [])
        assert.deepEqual(await subject.leftovers(), [])
      })
    }

    it('put() leaves the old object when the body of the new one fails', async () => {
      await put('kept/old', Buffer.from('old'))
      const body = failingAfter(Buffer.from('new'), new Error('killed'))
      await assert.rejects(subject.store.put('kept/old', body, 100), StoreError)
      assert.equal(String(await read(subject.store, 'kept/old')), 'old')
    })

    it('get() rejects with NotFoundError where there is no object', async () => {
      await put('there/is', Buffer.from('x'))
      for (const key of ['not/there', 'there', 'there/is/not', 'there/is.not']) {
        await assert.rejects(subject.store.get(key), NotFoundError, key)
      }
    })

    for (const [firstByte, lastByte] of [
      [0, 0],
      [3, 6],
      [7, undefined],
      [undefined, 2],
      [9, 100],
    ] as const) {
      it(`get() gives the bytes from ${firstByte ?? 'the first'} to ${lastByte ?? 'the last'}`, async () => {
        await put('ranges/ten', Buffer.from('0123456789'))
        const range = {
          ...(firstByte !== undefined && { firstByte }),
          ...(lastByte !== undefined && { lastByte }),
        }
        const bytes = Buffer.concat(await all(await subject.store.get('ranges/ten', range)))
        assert.equal(String(bytes), '0123456789'.slice(firstByte ?? 0, (lastByte ?? 9) + 1))
      })
    }

    it('get() rejects with NoSuchBytesError where the object ends before the range', async () => {
      await put('ranges/two', Buffer.from('01'))
      await put('ranges/none', Buffer.alloc(0))
      for (const key of ['ranges/two', 'ranges/none']) {
        await assert.rejects(subject.store.get(key, { firstByte: 2 }), (error: unknown) => {
          assert.ok(error instanceof NoSuchBytesError && error.op === 'get' && error.key === key)
          assert.match(error.message, /ends before the bytes that were asked for/)
          return true
        })
      }
      await assert.rejects(subject.store.get('ranges/absent', { firstByte: 2 }), NotFoundError)
    })

    it('get() ends its bytes when its signal aborts', async () => {
      await put('ranges/large', randomBytes(PART_BYTES))
      const gone = new AbortController()
      const body = await subject.store.get('ranges/large', { signal: gone.signal, firstByte: 1 })
      gone.abort(new Error('the client has gone'))
      await assert.rejects(all(body), /the client has gone/)
    })

    it('list() begins behind what is named, whether it is there or not', async () => {
      const names = ['a-b', 'a/b', 'a/c/d', 'a/c/e', 'a/d', 'b', '\u{ff5e}', '\u{1f4a5}']
      for (const name of names) await put(`behind/${name}`, Buffer.from(name))
      const inOrder = names.map(name => `behind/${name}`).sort(byBytes)
      for (const after of [
        ...inOrder,
        'behind/',
        'behind/a/',
        'behind/a/c/',
        'behind/a/c0',
        'a',
        'behind0',
      ]) {
        const found = await all(subject.store.list('behind/', after))
        assert.deepEqual(
          found.map(({ key }) => key),
          inOrder.filter(key => byBytes(key, after) > 0),
          after,
        )
      }
      const below = await all(subject.store.list('behind/a/', 'behind/a/c/d'))
      assert.deepEqual(
        below.map(({ key }) => key),
        ['behind/a/c/e', 'behind/a/d'],
      )
    })

    it('list() ends when it is not wanted any more', async () => {
      for (const name of ['a', 'b']) await put(`unwanted/${name}`, Buffer.from(name))
      const wanted = new AbortController()
      assert.equal((await all(subject.store.list('unwanted/', '', wanted.signal))).length, 2)
      wanted.abort(new Error('too late'))
      await assert.rejects(all(subject.store.list('unwanted/', '', wanted.signal)))
    })

    it('list() gives the objects of a prefix in the order of their keys', async () => {
      const names = ['b', 'a-b', 'a/b', 'a/a/c', 'a.b', 'A', '\u{ff5e}', '\u{1f4a5}']
      for (const name of names) await put(`order/${name}`, Buffer.from(name))
      const inOrder = names.map(name => `order/${name}`).sort(byBytes)
      assert.deepEqual(await keys(subject.store, 'order/'), inOrder)
      assert.deepEqual(
        await keys(subject.store, 'order/a'),
        inOrder.filter(key => key.startsWith('order/a')),
      )
      assert.deepEqual(await keys(subject.store, 'order/a/'), ['order/a/a/c', 'order/a/b'])
      assert.deepEqual(await keys(subject.store, 'order/nothing'), [])
    })

    it('list() tells the sizes', async () => {
      await put('size/five', Buffer.from('12345'))
      const [object] = await all(subject.store.list('size/'))
      assert.ok(object !== undefined && isNow(object.storedAt))
      assert.deepEqual({ ...object, storedAt: null }, { key: 'size/five', sizeBytes: 5, storedAt: null })
    })

    for (const sizeBytes of [0, 5, PART_BYTES, 2 * PART_BYTES + 17]) {
      it(`putOnce() keeps ${sizeBytes} bytes, and leaves them when they are stored`, async () => {
        const [first, second] = [randomBytes(sizeBytes), randomBytes(sizeBytes)]
        assert.equal(await subject.store.putOnce(`once/${sizeBytes}`, rereadable(first)), 'stored')
        assert.ok(first.equals(await read(subject.store, `once/${sizeBytes}`)))
        assert.equal(await subject.store.putOnce(`once/${sizeBytes}`, rereadable(second)), 'present')
        assert.ok(first.equals(await read(subject.store, `once/${sizeBytes}`)))
        assert.deepEqual(await subject.leftovers(), [])
      })
    }

    for (const sizeBytes of [7, 3 * PART_BYTES]) {
      it(`putOnce() leaves nothing behind when what it reads fails after ${sizeBytes} bytes`, async () => {
        const death = new Error('the file was changed')
        const bytes = randomBytes(sizeBytes)
        const content = { ...rereadable(bytes), read: () => failingAfter(bytes, death) }
        await assert.rejects(subject.store.putOnce('once/fails', content), (error: unknown) => {
          assert.ok(error instanceof StoreError && causesOf(error).includes(death))
          return true
        })
        assert.equal(await subject.store.look('once/fails'), 'absent')
        await eventuallyNone(() => subject.leftovers())
      })
    }

    it('putOnce() leaves nothing behind of what has more bytes than it said', async () => {
      for (const sizeBytes of [0, 100, PART_BYTES, 2 * PART_BYTES]) {
        const content = { ...rereadable(randomBytes(sizeBytes + 1)), sizeBytes }
        await assert.rejects(subject.store.putOnce('once/longer', content), /it has more than \d+ bytes/)
        assert.equal(await subject.store.look('once/longer'), 'absent')
      }
    })

    it('putOnce() ends when it is not wanted any more, and leaves nothing behind', async () => {
      const late = new AbortController()
      async function* endless(): AsyncGenerator<Uint8Array> {
        for (let blocks = 0; ; blocks += 1) {
          if (blocks === 40) late.abort(new Error('it took too long'))
          yield randomBytes(MIB)
        }
      }
      const content = { sizeBytes: 100 * MIB, read: endless, signal: late.signal }
      await assert.rejects(subject.store.putOnce('once/late', content), /it took too long/)
      assert.equal(await subject.store.look('once/late'), 'absent')
      await eventuallyNone(() => subject.leftovers())
    })

    it('putOnce() makes anew what is there, so that it is as old as a new one', async test => {
      const bytes = randomBytes(100)
      await subject.store.putOnce('once/renewed', rereadable(bytes))
      if (subject.age === undefined) return test.skip('its objects cannot be made old')
      await subject.age('once/renewed')
      const old = await subject.store.look('once/renewed')
      assert.ok(typeof old === 'object' && !isNow(old.storedAt))
      await subject.store.putOnce('once/renewed', rereadable(bytes), 'anew')
      const young = await subject.store.look('once/renewed')
      assert.ok(typeof young === 'object' && isNow(young.storedAt))
      assert.ok(bytes.equals(await read(subject.store, 'once/renewed')))
    })

    it('putOnce() replaces what is there and has another size', async () => {
      for (const anew of [undefined, 'anew'] as const) {
        const bytes = randomBytes(100)
        await put('once/broken', Buffer.alloc(0))
        assert.equal(await subject.store.putOnce('once/broken', rereadable(bytes), anew), 'stored')
        assert.ok(bytes.equals(await read(subject.store, 'once/broken')))
        await subject.store.remove('once/broken')
      }
    })

    it('putIfNew() keeps the first, and refuses whoever comes later', async () => {
      const { store } = subject
      assert.equal(await store.putIfNew('new/one', Buffer.from('first'), NEVER), 'won')
      assert.equal(await store.putIfNew('new/one', Buffer.from('second'), NEVER), 'refused')
      assert.equal(String(await read(store, 'new/one')), 'first')
      await store.remove('new/one')
      assert.equal(await store.putIfNew('new/one', Buffer.from('third'), NEVER), 'won')
      assert.equal(String(await read(store, 'new/one')), 'third')
    })

    it('putIfNew() lets exactly one win of fifty at once', async () => {
      for (const round of ['a', 'b', 'c']) {
        const bodies = Array.from({ length: 50 }, (_, number) => Buffer.from(`${round} ${number}`))
        const outcomes = await Promise.all(
          bodies.map(body => subject.store.putIfNew(`new/${round}`, body, NEVER)),
        )
        assert.equal(outcomes.filter(outcome => outcome === 'won').length, 1)
        assert.ok(bodies[outcomes.indexOf('won')]?.equals(await read(subject.store, `new/${round}`)))
      }
      assert.deepEqual(await subject.leftovers(), [])
    })

    it('putIfNew() asks no more when it is not wanted any more', async () => {
      const gone = AbortSignal.abort(new Error('it took longer than 300 ms'))
      await assert.rejects(subject.store.putIfNew('new/late', Buffer.from('x'), gone), (error: unknown) => {
        assert.ok(error instanceof StoreError && error.op === 'put' && error.key === 'new/late')
        assert.match(error.message, /: it took longer than 300 ms$/)
        return true
      })
    })

    it('look() tells size and age of what is there, and what is not', async () => {
      await put('looked/at', Buffer.from('12345'))
      const found = await subject.store.look('looked/at')
      assert.ok(typeof found === 'object' && isNow(found.storedAt))
      assert.deepEqual([found.key, found.sizeBytes], ['looked/at', 5])
      for (const key of ['looked/not', 'looked', 'looked/at/more'])
        assert.equal(await subject.store.look(key), 'absent', key)
    })

    it('remove() removes, and does not mind what is not there', async () => {
      await put('gone/soon', Buffer.from('x'))
      await subject.store.remove('gone/soon')
      await subject.store.remove('gone/soon')
      await subject.store.remove('never/was/there')
      await assert.rejects(subject.store.get('gone/soon'), NotFoundError)
      assert.deepEqual(await keys(subject.store, 'gone/'), [])
    })

    it('removeAll() removes all that it is given and nothing else, and does not mind what is not there', async () => {
      const many = Array.from({ length: 12 }, (_, at) => `many/${at}/q'u"o&t<e> ü`)
      for (const key of [...many, 'many/other']) await put(key, Buffer.from('x'))
      await subject.store.removeAll([...many, 'never/was/there'])
      await subject.store.removeAll([])
      assert.deepEqual(await keys(subject.store, 'many/'), ['many/other'])
    })

    it('removeAll() never leaves StoreDir', async () => {
      await assert.rejects(subject.store.removeAll(['../other/key']), StoreError)
    })

    for (const key of ['a space/b+c', 'größe/核心/💥', '%41/%2F', 'q\'u"o(t)e!*/&=?#;:@,$', 'dots/..a/b..']) {
      it(`all operations take the key ${JSON.stringify(key)}`, async () => {
        await put(key, Buffer.from(key))
        assert.equal(String(await read(subject.store, key)), key)
        assert.ok((await keys(subject.store, '')).includes(key))
        assert.ok(subject.store.location(key).endsWith(`/corefiles/${key}`))
        await subject.store.remove(key)
        await assert.rejects(subject.store.get(key), NotFoundError)
      })
    }

    for (const key of wrongKeys) {
      it(`put(), get(), remove() and link() never leave StoreDir by the key ${JSON.stringify(key.slice(0, 20))}`, async () => {
        await assert.rejects(put(key, Buffer.from('x')), StoreError)
        await assert.rejects(subject.store.get(key), StoreError)
        await assert.rejects(subject.store.remove(key), StoreError)
      })
    }

    it('object() goes on with an upload that another process began, where the store says that it resumes', async () => {
      if (!subject.store.traits.resumes) return
      const [first, last] = [randomBytes(PART_BYTES), randomBytes(1000)]
      const begun = await subject.store.object('resumed/core.gz', PART_BYTES).begin()
      await begun.putPart(1, first, NEVER)
      const upload = subject.store.object('resumed/core.gz', PART_BYTES).resume(begun.id)
      const stored = await upload.storedParts()
      assert.deepEqual(
        stored?.map(({ number, sizeBytes }) => [number, sizeBytes]),
        [[1, PART_BYTES]],
      )
      await upload.complete([...(stored ?? []), await upload.putPart(2, last, NEVER)])
      assert.ok(Buffer.concat([first, last]).equals(await read(subject.store, 'resumed/core.gz')))
    })

    it('traits say that what is reached over the network has another place than a mounted directory', () => {
      const { isRemote, endpoint, needsCredentials } = subject.store.traits
      assert.equal(subject.store.location('a').startsWith('cfs://'), !isRemote)
      if (!isRemote) assert.deepEqual([endpoint, needsCredentials], [null, false])
    })

    it('link() opens the object for whoever has it, where there is such a thing', async () => {
      await put('link/to +this', Buffer.from('linked'))
      const link = await subject.store.link('link/to +this')
      assert.equal(link !== null, subject.store.traits.links)
      if (link === null) return
      const response = await fetch(link)
      assert.equal(`${response.status} ${await response.text()}`, '200 linked')
      const saved = await fetch((await subject.store.link('link/to +this', 'program.debug')) ?? '')
      assert.equal(
        `${saved.status} ${saved.headers.get('content-disposition')}`,
        '200 attachment; filename="program.debug"',
      )
    })
  })
}

function rereadable(bytes = Buffer.alloc(0)): Rereadable {
  return { sizeBytes: bytes.length, read: () => chunked(bytes, 999_983), signal: NEVER }
}

function isNow(date: Date): boolean {
  return Math.abs(date.getTime() - Date.now()) < 600_000
}

/** What is removed when nobody waits for it any more. */
async function eventuallyNone(leftovers: () => Promise<readonly string[]>): Promise<void> {
  while ((await leftovers()).length > 0) await setImmediate()
}

async function read(store: ObjectStore, key: string): Promise<Buffer> {
  return Buffer.concat(await all(await store.get(key)))
}

async function keys(store: ObjectStore, prefix: string): Promise<string[]> {
  return (await all(store.list(prefix))).map(({ key }) => key)
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

function causesOf(error: unknown): unknown[] {
  return error instanceof Error ? [error, ...causesOf(error.cause)] : []
}
