import assert from 'node:assert/strict'
import { it } from 'node:test'
import { watchApiPresence } from '../../../installer/supply/api-presence.ts'
import { KubeError } from '../../../kube/errors.ts'
import { openLogLines } from '../log-lines.ts'

/** What the API server answers, one after the other, and what was made known of that. */
async function changesOf(answers: readonly (number | null)[]): Promise<readonly boolean[]> {
  const ending = new AbortController()
  const left = [...answers]
  const changes: boolean[] = []
  const get = async () => {
    const status = left.shift() ?? null
    if (status === 200) return { kind: 'APIGroup' }
    throw new KubeError('no', { status, reason: 'no', hint: '' })
  }
  const wait = async () => {
    if (left.length === 0) ending.abort()
  }
  const onChange = async (isThere: boolean) => void changes.push(isThere)
  const kube = { get: get as never }
  await watchApiPresence({ kube, log: openLogLines().log, onChange }, ending.signal, wait)
  return changes
}

const cases = [
  { name: 'is not there', answers: [404, 403, 404], changes: [] },
  { name: 'is there', answers: [200, 200], changes: [true] },
  { name: 'comes and goes', answers: [404, 200, 404], changes: [true, false] },
  { name: 'is there while the API server does not answer', answers: [200, null, 503, 200], changes: [true] },
]
for (const { name, answers, changes } of cases) {
  it(`watchApiPresence() makes known that it ${name}`, async () => {
    assert.deepEqual(await changesOf(answers), changes)
  })
}
