import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { bundle } from '../../build/bundle.ts'

it('a bundle has the demangler in it', async t => {
  const folder = await mkdtemp(path.join(tmpdir(), 'bundle-'))
  t.after(() => rm(folder, { recursive: true }))
  const file = path.join(folder, 'demangle.cjs')
  await bundle('crash/symbols/demangle.ts', file)
  const { demangled } = createRequire(import.meta.url)(file)
  assert.equal(demangled('_Z3addii'), 'add(int, int)')
})
