import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { checkRelease, checkSources } from '../../../build/release/check-release.ts'
import { disagreements, PLACES } from '../../../build/release/version-places.ts'
import { VERSION } from '../../../crash/version.ts'

const ROOT = path.resolve(import.meta.dirname, '../../..')
const textOf = (file: string) => readFileSync(path.join(ROOT, file), 'utf8')

it('the sources say one version, and CHANGELOG.md has a section of it', () => {
  checkSources()
})

it('a tag of another version is refused', () => {
  assert.throws(() => checkRelease('v9.9.9'), {
    message: `Cannot release "v9.9.9": the sources are ${VERSION}`,
  })
})

for (const file of new Set(PLACES.map(place => place.file))) {
  it(`${file} of another version is found, and one that says none`, () => {
    const other = (name: string) => (name === file ? textOf(name).replaceAll(VERSION, '9.9.9') : textOf(name))
    const silent = (name: string) => (name === file ? '' : textOf(name))
    assert.deepEqual(new Set(disagreements(VERSION, other)), new Set([`${file}: 9.9.9`]))
    assert.match(disagreements(VERSION, silent)[0] ?? '', new RegExp(`^${file}: says no version`))
  })
}

it('each page and manifest that names an image by its version is among them', () => {
  const files = globSync('{README*.md,docs/**/*.md,deploy/**/*.{yaml,tpl,md}}', { cwd: ROOT })
  const naming = files.filter(file => /ghcr\.io\/coredog\/coredog:\d/.test(textOf(file)))
  assert.ok(naming.length > 5)
  const known = new Set(PLACES.map(({ file }) => file))
  assert.deepEqual(
    naming.filter(file => !known.has(file)),
    [],
  )
})
