import assert from 'node:assert/strict'
import { it } from 'node:test'
import { checkStrays, type Remains } from './invariant.ts'

const ID = '50522d312ff0'
const FOLDER = `t1/_unverified/vm/20251121T044000Z-t1c0-4194305-${ID}`
const BY_TIME = `t1/_index/time/2025/11/21/04/8236299999_${ID}_!none_!unverified_-_vm_-_11_0_-_t1c0_4194305`

const REFUSED = `{"reason":"Cannot put \\"s3://cores/t1/_index/namespace/_none/_unverified/8236299999_${ID}_-_vm\\""}`

function remains(keys: readonly string[], unnamed: readonly string[]): Remains {
  const objects = new Map(keys.map(key => [key, Buffer.from('{}')]))
  return { objects, notices: [], unnamed }
}

it('a report is in the index by both names', () => {
  const keys = [`${FOLDER}/report.json`, BY_TIME]
  assert.throws(() => checkStrays(remains(keys, [])), /is not in the index by namespace/)
})

it('a report whose names the store refused is out of the index, if a log says so of this very crash', () => {
  const keys = [`${FOLDER}/report.json`, BY_TIME]
  checkStrays(remains(keys, [REFUSED]))
  const another = REFUSED.replace(ID, '278901036f0a')
  assert.throws(() => checkStrays(remains(keys, [another])), /is not in the index by namespace/)
})
