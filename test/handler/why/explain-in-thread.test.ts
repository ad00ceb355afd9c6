import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Worker } from 'node:worker_threads'
import { NO_CIRCUMSTANCES } from '../../../handler/why/circumstances.ts'
import type { Evidence } from '../../../handler/why/evidence.ts'
import { explainInThread } from '../../../handler/why/explain-in-thread.ts'
import { OUT_OF_MEMORY, threadThat } from './thread-that.ts'

const EVIDENCE: Evidence = {
  machine: 62,
  signal: 11,
  threadNames: new Map(),
  call: null,
  owner: { workload: 'web', container: 'app' },
  statuses: [],
  mappings: [],
  pieces: [],
  modules: [],
}

async function explainedBy(then: string) {
  const explainer = explainInThread(threadThat(then))
  assert.equal(await explainer.lookAt(EVIDENCE), '5177e')
  return await explainer.explain(NO_CIRCUMSTANCES)
}

const ENDS: readonly (readonly [string, string, RegExp])[] = [
  ['throws', "throw new Error('no such table')", /^it could not be explained: no such table$/],
  ['ends', 'process.exit(1)', /^it could not be explained: its thread ended$/],
  [
    'is out of memory',
    OUT_OF_MEMORY,
    /^it could not be explained: Worker terminated due to reaching memory limit/,
  ],
]
for (const [end, then, said] of ENDS)
  it(`a thread that ${end} before it has explained a crash costs the explanation alone`, async () => {
    const explained = await explainedBy(then)
    assert.match('unexplained' in explained ? explained.unexplained : '', said)
  })

it('what a thread said before it ended is the explanation', async () => {
  const brief = { crash: { reason: 'it was tired' } }
  const said = `parentPort.postMessage({ explanation: ${JSON.stringify(brief)} }); setImmediate(() => process.exit(1))`
  assert.deepEqual(await explainedBy(said), { explanation: brief })
})

it('a thread that is ended from outside while it explains says why there is no explanation', async () => {
  const started: Worker[] = []
  const explainer = explainInThread(options => {
    const worker = threadThat('while (true);')(options)
    started.push(worker)
    return worker
  })
  await explainer.lookAt(EVIDENCE)
  const explaining = explainer.explain(NO_CIRCUMSTANCES)
  await started[0]?.terminate()
  const explained = await explaining
  assert.match(
    'unexplained' in explained ? explained.unexplained : '',
    /^it could not be explained: its thread ended$/,
  )
})
