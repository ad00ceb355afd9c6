import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, it } from 'node:test'
import { boundedText } from '../../handoff/bounded-text.ts'

const scratch = await mkdtemp(path.join(tmpdir(), 'coredog-bounded-text-'))
const file = path.join(scratch, 'record')
after(() => rm(scratch, { recursive: true }))

it('boundedText() reads what is not too long, and knows no other', async () => {
  assert.equal(await boundedText(file, 4), null)
  await writeFile(file, 'four')
  assert.equal(await boundedText(file, 4), 'four')
  await writeFile(file, 'five5')
  assert.equal(await boundedText(file, 4), null)
})

it('boundedText() rejects where something else stands in the way', async () => {
  await writeFile(file, '')
  await assert.rejects(boundedText(path.join(file, 'below'), 4), { code: 'ENOTDIR' })
})
