import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { madeFiles } from '../../build/made-files.ts'

it('madeFiles() has what others are made of before them', async t => {
  const dist = mkdtempSync(path.join(tmpdir(), 'coredog-dist-'))
  t.after(() => rmSync(dist, { recursive: true }))
  mkdirSync(path.join(dist, 'handler'))
  const inOrder = [
    'handler/main.cjs',
    'handler/why.cjs',
    'kubectl-coredog.js',
    'handler/addon.node',
    'handler/called-functions.json',
    'handler/main.cache',
    'coredog-handler',
    'kubectl-coredog',
    'coredog-image.tar',
  ]
  for (const file of inOrder.toReversed()) writeFileSync(path.join(dist, file), file)
  const made = await madeFiles(dist)
  assert.deepEqual([...made.keys()], inOrder)
  assert.equal(String(made.get('handler/main.cjs')), 'handler/main.cjs')
})
