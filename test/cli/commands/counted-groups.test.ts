import assert from 'node:assert/strict'
import { it } from 'node:test'
import { countedGroups } from '../../../cli/commands/counted-groups.ts'
import { groupedCrashes } from '../../../cli/commands/grouped-crashes.ts'
import { coredumpOf } from '../../../coredump/coredump-of.ts'
import { ENTRY } from '../../fakes/index-entry.ts'

const GROUPS = groupedCrashes([coredumpOf(ENTRY, null)], {})

it('countedGroups() says in words that a store was too slow, and shows what was listed', async () => {
  const late = new DOMException('The operation was aborted due to timeout', 'TimeoutError')
  const source = { group: () => Promise.reject(late) }
  const { groups, failure } = await countedGroups(GROUPS, source, new AbortController().signal)
  assert.deepEqual(groups, GROUPS)
  assert.equal(failure, 'no answer within 10 s')
})

it('countedGroups() ends when it is told to', async () => {
  const ending = new AbortController()
  const group = () => {
    ending.abort(new Error('Ctrl-C'))
    return Promise.reject(new Error('aborted'))
  }
  await assert.rejects(countedGroups(GROUPS, { group }, ending.signal), /Ctrl-C/)
})
