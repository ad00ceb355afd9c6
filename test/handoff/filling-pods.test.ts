import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { encodeFillingPods, readFillingPods } from '../../handoff/filling-pods.ts'
import { RUN_FILES } from '../../handoff/run-folder.ts'

function folderWith(test: TestContext, text: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-filling-'))
  test.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(path.join(folder, RUN_FILES.fillingPods), text)
  return folder
}

const CART = { pod: 'shop/cart-0', usedBytes: 95, limitBytes: 100, unstoredBytes: 10 }

it('readFillingPods() reads the ten fullest of what was written', async t => {
  const pods = Array.from({ length: 12 }, (_, at) => ({
    ...CART,
    pod: `shop/cart-${at}`,
    usedBytes: 90 + at,
  }))
  const found = await readFillingPods(folderWith(t, encodeFillingPods(pods)))
  assert.deepEqual(found, pods.toReversed().slice(0, 10))
})

it('readFillingPods() knows of none where nothing was written that can be read', async t => {
  assert.deepEqual(await readFillingPods('/nowhere'), [])
  const texts = ['', '{"version":1}', '{"version":1,"pods":[null,"cart",{"pod":"shop/cart-0"}]}']
  const ofAnother = JSON.stringify({ version: 2, pods: [CART] })
  const negative = JSON.stringify({ version: 1, pods: [{ ...CART, usedBytes: -1 }] })
  const large = encodeFillingPods([{ ...CART, pod: 'a'.repeat(100_000) }])
  for (const text of [...texts, ofAnother, negative, large])
    assert.deepEqual(await readFillingPods(folderWith(t, text)), [], text.slice(0, 80))
})
