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

it('list() ends where a store gives the same page again', { timeout: 120_000 }, async () => {
  const page =
    '<NextContinuationToken>x</NextContinuationToken><Contents><Key>corefiles/a</Key><Size>1</Size></Contents>'
  await using s3 = await storeSaying(() => page)
  const keys = (await all(s3StoreOf(s3).list(''))).map(({ key }) => key)
  assert.deepEqual([...new Set(keys)], ['a'])
})
