import assert from 'node:assert/strict'
import { it } from 'node:test'
import { encodeSuppressed, groupFileOf, parseSuppressed, suppressedFile } from '../../handoff/suppressed.ts'
import { sampleNotification } from '../notify/sample-notification.ts'

const suppressed = {
  notice: sampleNotification({ outcome: 'suppressed' }),
  rule: { windowSeconds: 3600, keep: 20 },
}

it('parseSuppressed() reads what was written', () => {
  assert.deepEqual(parseSuppressed(encodeSuppressed(suppressed)), suppressed)
})

const foreign = [
  '',
  'null',
  '[]',
  '{"version":1',
  encodeSuppressed(suppressed).replace('"version":1', '"version":2'),
  encodeSuppressed({ ...suppressed, rule: { windowSeconds: 0, keep: 20 } }),
  encodeSuppressed(suppressed).replace('"keep":20', '"keep":"20"'),
]
for (const text of foreign) {
  it(`parseSuppressed() takes ${JSON.stringify(text.slice(0, 40))}… for none`, () => {
    assert.equal(parseSuppressed(text), null)
  })
}

it('caseFileOf() finds the case of a word, and no word in other files', () => {
  assert.deepEqual([groupFileOf(suppressedFile('abc')), groupFileOf('abc')], ['abc', null])
})
