import assert from 'node:assert/strict'
import { mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { ripenessOf } from '../../../installer/fallback/ripeness.ts'
import { elfCore } from '../../fakes/elf-core.ts'

it('ripenessOf() waits for the section header behind the memory of over 65,534 segments', async t => {
  const folder = await mkdtemp(path.join(tmpdir(), 'ripeness-'))
  t.after(() => rm(folder, { recursive: true }))
  const file = path.join(folder, 'core')
  const core = elfCore({ overflowingCount: true })
  await writeFile(file, core)
  await using opened = await open(file)
  assert.equal(await ripenessOf(opened), 'whole')
  await truncate(file, core.length - 1)
  assert.equal(await ripenessOf(opened), 'short')
})
