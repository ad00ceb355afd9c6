import assert from 'node:assert/strict'
import { it } from 'node:test'
import { withJob } from '../../../cli/job/with-job.ts'
import { FORBIDDEN, PretendedCluster } from '../nodes/pretended-cluster.ts'

const JOBS = '/apis/batch/v1/namespaces/shop/jobs'
const REMOVED = `DELETE ${JOBS}/coredog-debug-x`

function given(answers: ConstructorParameters<typeof PretendedCluster>[0] = {}) {
  const said: string[] = []
  const created = { metadata: { name: 'coredog-debug-x' } }
  const cluster = new PretendedCluster({ [`POST ${JOBS}`]: created, [REMOVED]: {}, ...answers })
  const ended = new AbortController()
  const options = { namespace: 'shop', body: {}, later: 'tomorrow', signal: ended.signal }
  const run = (work: (job: string) => Promise<string>) =>
    withJob(cluster, { ...options, say: text => said.push(text) }, work)
  return { run, said, cluster, ended }
}

it('withJob() removes the Job with its pod when the work is done, and when it fails', async () => {
  for (const work of [async () => 'done', () => Promise.reject(new Error('it failed'))]) {
    const { run, said, cluster } = given()
    assert.match(await run(work).catch(({ message }) => message), /^done$|^it failed$/)
    assert.deepEqual(said, [
      'created the job coredog-debug-x in the namespace shop',
      'removed the job coredog-debug-x',
    ])
    assert.deepEqual(cluster.asked.at(-1)?.body, {
      ...{ apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' },
    })
  }
})

it('withJob() removes a Job during whose creation a person pressed Ctrl-C, and begins nothing', async () => {
  const { ended, ...first } = given()
  first.cluster.answers.set(`POST ${JOBS}`, () => {
    ended.abort(new Error('it was interrupted'))
    return { metadata: { name: 'coredog-debug-x' } }
  })
  await assert.rejects(
    first.run(async () => assert.fail('it began')),
    /it was interrupted/,
  )
  assert.equal(first.said.at(-1), 'removed the job coredog-debug-x')
})

it('withJob() says when Kubernetes removes what it could not', async () => {
  const { run, said } = given({ [REMOVED]: FORBIDDEN })
  assert.equal(await run(async () => 'done'), 'done')
  assert.match(said.at(-1) ?? '', /^could not remove the job coredog-debug-x: .*Kubernetes does tomorrow\.$/)
})
