import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Host } from '../../../handoff/host.ts'
import { runOnHost } from '../../../installer/node/run-on-host.ts'

it('runOnHost() kills what does not end by its deadline, and has what it said', {
  timeout: 60_000,
}, async () => {
  const run = runOnHost(new Host('/'))
  const { exitCode, stdout } = await run(['/bin/sh', '-c', 'echo begun; exec sleep 600'], 1)
  assert.deepEqual([exitCode, stdout], [null, 'begun\n'])
})
