import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { withLibrary } from '../../../build/release/sbom.ts'

const PIN = path.resolve(import.meta.dirname, '../../../handler/native/isal.txt')

it('has the library of the addon, by its pin', () => {
  const pin = readFileSync(PIN, 'utf8')
  const [library] = withLibrary({ components: [] }, pin).components
  assert.deepEqual(Object.keys(library ?? {}), ['type', 'name', 'version', 'purl', 'licenses', 'hashes'])
  assert.match(library?.version ?? '', /^\d+\.\d+\.\d+$/)
  assert.ok(pin.includes(library?.purl.replace('pkg:pypi/isal@', 'isal==') ?? 'none'))
})

it('says so when the pin cannot be read', () => {
  assert.throws(() => withLibrary({ components: [] }, 'isal>=1\n'), /^Error: Cannot tell which ISA-L this is/)
})
