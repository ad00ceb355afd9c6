import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import {
  advanced,
  after,
  readPosition,
  writePosition,
} from '../../../installer/telemetry/kernel-log-position.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'

const records = [4, 5, 6].map(sequence => ({ sequence, drop: null }))

it('after() gives what follows the position, and nothing at the first look', () => {
  assert.deepEqual(after(null, records), [])
  assert.deepEqual(after({ bootId: 'this', sequence: 4 }, records), records.slice(1))
  assert.deepEqual(after({ bootId: 'this', sequence: -1 }, records), records)
})

it('advanced() never goes back', () => {
  assert.equal(advanced(null, [], 'this').sequence, -1)
  assert.equal(advanced(null, records, 'this').sequence, 6)
  assert.equal(advanced({ bootId: 'this', sequence: 9 }, records, 'this').sequence, 9)
})

it('readPosition() begins anew in another boot, and has none of what it cannot read', async t => {
  const file = path.join(temporaryFolder(t), 'position')
  assert.equal(await readPosition(file, 'this'), null)
  await writePosition(file, { bootId: 'this', sequence: 3 })
  assert.deepEqual(await readPosition(file, 'this'), { bootId: 'this', sequence: 3 })
  assert.deepEqual(await readPosition(file, 'other'), { bootId: 'other', sequence: -1 })
  for (const text of ['{"bootId":', '{"bootId":"this","sequence":"3"}', 'null']) {
    writeFileSync(file, text)
    assert.equal(await readPosition(file, 'this'), null)
  }
})
