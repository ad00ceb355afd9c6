/**
 * What the scenarios of handler.test.ts stand on, with a handler of three lines: when these fail, look at
 * the machine; when only those fail, look at the handler.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { execa } from 'execa'
import { eventually } from './eventually.ts'
import type { Pod } from './pod.ts'
import { openWorld, type World } from './world.ts'

const KEEP_CORE = path.join(import.meta.dirname, 'keep-core.sh')

describe('the kernel pipes', { timeout: 300_000 }, () => {
  let world: World

  before(async () => {
    world = await openWorld(KEEP_CORE)
    world.configure()
    await world.setCorePattern(world.handler.witnessed())
  })
  after(() => world?.[Symbol.asyncDispose]())

  it("the core of a container's first process, which gdb opens", async () => {
    const pod = await run('pid-1', ['/bin/segfault'])
    await pod.crash()
    assert.equal((await world.handler.end(pod.pid)).status, 0)
    const { comm, cgroup, core } = kept(pod.pid)
    assert.equal(comm, 'segfault')
    assert.ok(cgroup.includes(`/kubepods/besteffort/pod${pod.uid}/${pod.containerId}`))
    const { stdout } = await execa('gdb', ['--batch', path.join(world.images.programs, 'segfault'), core])
    assert.match(stdout, /SIGSEGV/)
    const state = await eventually('the end of the container', 30, async () => {
      const status = await world.containerd.cri.containerStatus(pod.containerId)
      return status.state === 'CONTAINER_EXITED' ? status : undefined
    })
    assert.equal(state.exitCode, 139)
  })

  it('the core of a child, and its parent lives on', async () => {
    const pod = await run('child', ['/bin/child', 'abort'])
    await pod.crash()
    const child = await eventually('the core of the child', 30, () => otherPidKeptOf(pod))
    assert.equal((await world.handler.end(child)).status, 0)
    assert.equal((await world.containerd.cri.containerStatus(pod.containerId)).state, 'CONTAINER_RUNNING')
  })

  it('the name that a process gave itself, whatever is in it', async () => {
    // The kernel turns a slash into an exclamation mark (fs/coredump.c, cn_esc_printf), and nothing else.
    const arrives = { 'my app': 'my app', '--help': '--help', '../../x': '..!..!x' }
    for (const [comm, expected] of Object.entries(arrives)) {
      const pod = await run('comm', ['/bin/comm', comm])
      await pod.crash()
      await world.handler.end(pod.pid)
      assert.equal(kept(pod.pid).comm, expected)
    }
  })

  async function run(name: string, command: readonly string[]): Promise<Pod> {
    const container = { name: 'app', image: world.images.crashers.name, command }
    return await world.runPod({ namespace: 'default', name, container })
  }

  function kept(pid: number): { comm: string | undefined; cgroup: string; core: string } {
    const file = path.join(world.dir, String(pid))
    const [, comm] = readFileSync(`${file}.arguments`, 'utf8').split('\n')
    return { comm, cgroup: readFileSync(`${file}.cgroup`, 'utf8'), core: `${file}.core` }
  }

  function otherPidKeptOf({ uid, pid }: Pod): number | undefined {
    return readdirSync(world.dir)
      .filter(file => file.endsWith('.arguments'))
      .map(file => Number.parseInt(file, 10))
      .find(other => other !== pid && kept(other).cgroup.includes(uid))
  }
})
