import assert from 'node:assert/strict'
import { it } from 'node:test'
import { newOnes } from '../../../cli/source/store-watch.ts'
import type { IndexEntry } from '../../../crash/index-entry.ts'
import { ENTRY } from '../../fakes/index-entry.ts'

const entry = (id: string): IndexEntry => ({ ...ENTRY, id: id.padStart(12, '0') })

it('newOnes() tells what was not there when it began, the oldest first, over a failure of the store', async () => {
  const listings = [['2', '1'], ['2', '1'], null, ['4', '3', '2', '1'], ['5', '4', '3', '2']]
  const pauses: number[] = []
  const ended = new AbortController()
  async function* recent() {
    const listing = listings.shift()
    if (listing === null) throw new Error('503')
    yield* (listing ?? []).map(entry)
  }
  const wait = async (seconds: number) => {
    pauses.push(seconds)
    if (listings.length === 0) ended.abort()
  }
  const told: string[] = []
  for await (const { id } of newOnes(recent, ended.signal, wait)) told.push(id)
  assert.deepEqual(
    told,
    ['3', '4', '5'].map(id => id.padStart(12, '0')),
  )
  assert.deepEqual(pauses, [3, 3, 6, 3, 3])
})
