import assert from 'node:assert/strict'
import { it } from 'node:test'
import { crashTime } from '../../handler/core-in-file.ts'

const AT = 1_763_700_000
const DAY = 24 * 3600

function seconds(name: string, mtime = AT, ctime = AT): number {
  return crashTime(name, { mtimeMs: mtime * 1000, ctimeMs: ctime * 1000 }).getTime() / 1000
}

it('crashTime() believes a name that the file was written within a day of', () => {
  assert.equal(seconds(`core.my app.7.web-0.${AT - 90}`), AT - 90)
  assert.equal(seconds(`core.my app.7.web-0.${AT - DAY - 1}`), AT)
  assert.equal(seconds(`core.my app.7.web-0.${AT + DAY + 1}`), AT)
})

it('crashTime() takes the time of the last write where the name says none', () => {
  for (const name of ['core', 'core.7', 'core.176370000', 'core.17637000000', `core.${AT}.gz`])
    assert.equal(seconds(name, AT - 5), AT - 5, name)
})

it('crashTime() believes no last write that is far ahead of the last change, nor one before 1970', () => {
  assert.equal(seconds('core', AT + DAY + 1), AT)
  assert.equal(seconds('core', -5), AT)
  assert.equal(seconds('core', 253_402_300_800), AT)
})
