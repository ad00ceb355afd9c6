import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { PretendedCrash } from '../../bench/pretended-crash.ts'
import { parseCgroup } from '../../crash/cgroup.ts'
import { parseKernelArgs } from '../../crash/kernel-args.ts'
import { POD } from '../fakes/checkout-pod.ts'
import { temporaryFolder } from '../fakes/core-file.ts'

// Stands where as-kernel would.
const SHOW = `#!/bin/sh
cd /proc/$$/task/$$; grep CoreDumping status; echo $$; cat cgroup; printf '%s\\n' "$@"
`

for (const owner of ['pod', 'host'] as const) {
  it(`to what is started, its own process looks like one of the ${owner}'s that dumps core`, async t => {
    const obstacle = await PretendedCrash.obstacle()
    if (obstacle !== null) return t.skip(`a crash cannot be pretended here: ${obstacle}`)
    const folder = temporaryFolder(t)
    const show = path.join(folder, 'show')
    writeFileSync(show, SHOW, { mode: 0o755 })
    const crash = new PretendedCrash(folder, 4096)
    const [program = '', ...args] = crash.command(owner, show, '/handler', '/coredog.yaml')
    const shown = execFileSync(program, args, { encoding: 'utf8', timeout: 120_000 }).split('\n')
    const [dumping, pid, cgroup = '', core, handler, config, ...kernel] = shown
    assert.deepEqual([dumping, handler, config], ['CoreDumping:\t1', '/handler', '--config=/coredog.yaml'])
    assert.equal(parseCgroup(cgroup)?.podUid, owner === 'pod' ? POD.uid : undefined)
    assert.equal(core, path.join(folder, 'core'))
    const { pid: crashed, comm, signal } = parseKernelArgs(kernel.slice(0, 8))
    assert.deepEqual([String(crashed), comm, signal], [pid, 'checkout', 11])
  })
}
