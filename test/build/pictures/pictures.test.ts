import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { DRAWINGS, PICTURES, sourceNameOf } from '../../../build/pictures/pictures.ts'
import { sourceOf } from '../../../build/pictures/png.ts'

const FOLDER = path.resolve(import.meta.dirname, '../../../docs/pictures')
const LARGEST_BYTES = 150 * 1024

for (const picture of PICTURES) {
  const bytes = readFileSync(path.join(FOLDER, picture.file))

  it(`docs/pictures/${picture.file} shows what is`, () => {
    const hint = 'It is stale: run `npm run pictures`, and look at it'
    assert.equal(sourceOf(bytes), sourceNameOf(picture), hint)
  })

  it(`docs/pictures/${picture.file} is soon there`, () => {
    assert.ok(bytes.length < LARGEST_BYTES, `${bytes.length} bytes`)
  })
}

for (const { file, svg } of DRAWINGS) {
  it(`docs/pictures/${file} shows what is`, () => {
    assert.equal(readFileSync(path.join(FOLDER, file), 'utf8'), svg(), 'It is stale: run `npm run pictures`')
  })
}

it('docs/pictures has no picture that nobody draws', () => {
  const drawn = [...PICTURES, ...DRAWINGS].map(({ file }) => file).sort()
  assert.deepEqual(readdirSync(FOLDER).sort(), drawn)
})
