/**
 * Crashes of containers that are in no pod, plain Docker's say: their core is begun before that is known, and goes to
 * the handler that was there before.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { execa } from 'execa'
import { eventually } from './eventually.ts'
import { ALL_ARGUMENTS } from './handler-on-node.ts'
import { SystemdCoredump, whyNoSystemdCoredump } from './systemd-coredump.ts'
import { openWorld, type World } from './world.ts'

const HANDLER = path.resolve(import.meta.dirname, '../../dist/coredog-handler')
// Of cgroup v1 any hierarchy, where there is one.
const CGROUPS = ['/sys/fs/cgroup/pids', '/sys/fs/cgroup'].find(folder => existsSync(`${folder}/cgroup.procs`))

describe('the handler that was there before', { timeout: 600_000 }, () => {
  let world: World
  let cgroup: string

  before(async () => {
    world = await openWorld(HANDLER)
    world.configure()
    // What the kernel writes is kept beside, to be compared; and which pipe is our handler's.
    const ours = `sh -c 'readlink /proc/self/fd/0 > ${at('pipe')}; exec "$@"' sh ${world.handler.witnessed('').slice(1)}`
    script('t', `tee ${at('seen')} | ${ours} "$@"`)
    await world.setCorePattern(`|${at('t')} ${ALL_ARGUMENTS}`)
    cgroup = path.join(CGROUPS ?? '', 'docker', randomBytes(32).toString('hex'))
    mkdirSync(cgroup, { recursive: true })
  })
  after(async () => {
    await world?.[Symbol.asyncDispose]()
    await eventually('the end of the cgroup', 10, () => rmdirSync(cgroup) ?? true)
    rmdirSync(path.dirname(cgroup))
  })

  for (const [size, command] of Object.entries({ small: ['segfault'], large: ['heap', '48'] })) {
    it(`gets a ${size} core of a container of no pod as a pipe, from its first byte`, async () => {
      const previous = script(
        `p-${size}`,
        `readlink /proc/self/fd/0 > ${at('other')}; cat /dev/stdin > ${at('got')}`,
      )
      previously(`|${previous}`)
      const pid = await crash(command)
      assert.equal((await world.handler.end(pid)).status, 0)
      await world.handler.logged(
        'crash forwarded',
        entry => entry.msg === 'crash forwarded' && entry.pid === pid,
      )
      // Something of it was read before, or it would be the same pipe.
      assert.match(readFileSync(at('other'), 'utf8'), /^pipe:/)
      assert.notEqual(readFileSync(at('other'), 'utf8'), readFileSync(at('pipe'), 'utf8'))
      await execa('cmp', [at('seen'), at('got')])
    })
  }

  it('is systemd-coredump, whose core is that of the kernel, bit for bit', {
    skip: whyNoSystemdCoredump() ?? false,
  }, async () => {
    await using systemd = await SystemdCoredump.start(world.dir)
    // As in its own sysctl.d/50-coredump.conf.
    previously(`|${systemd.program} %P %u %g %s %t 9223372036854775808 %h %d`)
    const pid = await crash(['heap', '48'])
    assert.equal((await world.handler.end(pid)).status, 0)
    await execa('sh', ['-c', `zstd -dc "$1" | cmp - ${at('seen')}`, 'sh', await systemd.core(pid)])
  })

  function at(name: string): string {
    return path.join(world.dir, name)
  }

  function script(name: string, text: string): string {
    writeFileSync(at(name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
    return at(name)
  }

  /** What the installer found on the node. */
  function previously(corePattern: string): void {
    const original = { corePattern, corePipeLimit: 16 }
    writeFileSync(path.join(world.handler.stateDir, 'original-sysctls.json'), JSON.stringify(original))
  }

  async function crash([program = '', ...args]: readonly string[]): Promise<number> {
    const enter = `echo $$ > ${cgroup}/cgroup.procs && exec "$@"`
    const child = execa('sh', ['-c', enter, 'sh', path.join(world.images.programs, program), ...args], {
      reject: false,
    })
    assert.equal((await child).signal, 'SIGSEGV')
    return child.pid ?? 0
  }
})
