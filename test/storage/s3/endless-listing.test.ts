import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type FakeS3, faults, startFakeS3 } from '../../fakes/fake-s3.ts'
import { all } from '../bodies.ts'
import { s3StoreOf } from './s3-store-of.ts'

/** A store that says on every page of a listing that there is more, and `page` of the how manieth. */
function storeSaying(page: (number: number) => string): Promise<FakeS3> {
  let pages = 0
  return startFakeS3({
    faultOf: () => faults.say(200, `<Result><IsTruncated>true</IsTruncated>${page(++pages)}</Result>`),
  })
}

const ENDLESS = [
  ['list', (n: number) => `<NextContinuationToken>${n}</NextContinuationToken>`],
  ['unfinished', (n: number) => `<NextKeyMarker>${n}</NextKeyMarker>`],
  ['storedParts', (n: number) => `<NextPartNumberMarker>${n}</NextPartNumberMarker>`],
] as const

for (const [name, page] of ENDLESS) {
  it(`${name}() ends where a store has page after page with nothing on it`, {
    timeout: 120_000,
  }, async () => {
    await using s3 = await storeSaying(page)
    const store = s3StoreOf(s3)
    const asked = {
      list: () => all(store.list('')),
      unfinished: () => all(store.unfinished()),
      storedParts: () => store.object('a').resume('upload').storedParts(),
    }
    await assert.rejects(asked[name](), /EndlessAnswer|nothing on its last 100 pages/)
  })
}

const ONE_KEY = '<Contents><Key>corefiles/a</Key><Size>1</Size></Contents>'

for (const [what, token] of [
  ['gives the same page again', '<NextContinuationToken>x</NextContinuationToken>'],
  ['does not say where', ''],
] as const) {
  it(`list() is not taken for whole where a store says that there is more, and ${what}`, async () => {
    await using s3 = await storeSaying(() => token + ONE_KEY)
    const keys = new Set<string>()
    const listing = async () => {
      for await (const { key } of s3StoreOf(s3).list('')) keys.add(key)
    }
    await assert.rejects(listing(), /Cannot list .*: the store answers without an end/)
    assert.deepEqual([...keys], ['a'])
  })
}
