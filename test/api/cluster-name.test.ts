import assert from 'node:assert/strict'
import { it } from 'node:test'
import { pino } from 'pino'
import { clusterName } from '../../api/cluster-name.ts'
import { KubeError } from '../../kube/errors.ts'

const log = pino({ enabled: false })
const away = new KubeError('no', { status: null, reason: 'Unreachable', hint: '' })

it('clusterName() asks until the API server says the UID of kube-system', async () => {
  const answers = [away, { metadata: { uid: 'aec2b571-49ab-4c5f-9f4e-f8f3de6e8a31' } }]
  const get = async () => {
    const answer = answers.shift()
    if (answer instanceof Error) throw answer
    return answer as never
  }
  const never = new AbortController().signal
  assert.equal(await clusterName({ get }, log, never, async () => undefined), 'aec2b571')
})

it('clusterName() ends without a name when it is told to', async () => {
  const ending = new AbortController()
  const get = () => Promise.reject(away)
  assert.equal(await clusterName({ get }, log, ending.signal, async () => ending.abort()), '')
})
