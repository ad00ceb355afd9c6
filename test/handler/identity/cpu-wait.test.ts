import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { describe, it } from 'node:test'
import { waitedForCpuSeconds } from '../../../handler/identity/cpu-wait.ts'

describe('waitedForCpuSeconds', () => {
  it('grows while others have the CPUs', t => {
    const before = waitedForCpuSeconds()
    const busy = Array.from({ length: 2 * availableParallelism() }, () =>
      spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
    )
    t.after(() => {
      for (const child of busy) child.kill('SIGKILL')
    })
    // A limit that ends a hang.
    const giveUpAt = Date.now() + 120_000
    while (waitedForCpuSeconds() === before && Date.now() < giveUpAt);
    assert.ok(waitedForCpuSeconds() > before)
  })
})
