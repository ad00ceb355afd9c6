import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Host } from '../../../handoff/host.ts'
import { runOnHost } from '../../../installer/node/run-on-host.ts'

it('runOnHost() kills what does not end by its deadline, and has what it said', {
  timeout: 120_000,
}, async () => {
  const run = runOnHost(new Host('/'))
  const { exitCode, stdout } = await run(['/bin/sh', '-c', 'echo begun; exec sleep 600'], 1)
  assert.deepEqual([exitCode, stdout], [null, 'begun\n'])
})

it('runOnHost() gives a program nothing of our environment, as the kernel does', async t => {
  process.env.AWS_ACCESS_KEY_ID = 'of-our-pod'
  t.after(() => delete process.env.AWS_ACCESS_KEY_ID)
  const { stdout } = await runOnHost(new Host('/'))(['/bin/sh', '-c', 'echo $AWS_ACCESS_KEY_ID.'])
  assert.equal(stdout, '.\n')
})
