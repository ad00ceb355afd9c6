import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { imagesOf, pinImage } from '../../../build/release/pinned-manifest.ts'
import { FILE_NAMES } from '../../../build/release/release.ts'

const DEPLOY = path.resolve(import.meta.dirname, '../../../deploy')
const REFERENCE = `registry.example:5000/coredog:0.1.0@sha256:${'a'.repeat(64)}`

for (const name of FILE_NAMES.manifests) {
  it(`${name} runs the image that is pinned, and is the same besides`, () => {
    const manifest = readFileSync(path.join(DEPLOY, name), 'utf8')
    const pinned = pinImage(manifest, REFERENCE)
    assert.deepEqual(imagesOf(pinned), [REFERENCE])
    assert.equal(pinned.replaceAll(REFERENCE, imagesOf(manifest)[0] ?? ''), manifest)
    const images = parseAllDocuments(pinned).map(
      document => document.toJS()?.spec?.template?.spec.containers[0].image,
    )
    assert.deepEqual(new Set(images.filter(Boolean)), new Set([REFERENCE]))
  })
}

it('a manifest that runs nothing of ours is refused', () => {
  assert.throws(() => pinImage('image: registry.example/other:1\n', REFERENCE), /it names none of ours$/)
})
