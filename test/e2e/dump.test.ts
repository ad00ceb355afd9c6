/** How much of a core is kept, of a large program through the real kernel, and what debuggers make of it. */
import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { CrashReport } from '../../crash/report.ts'
import { type DebuggerFrame, type Stacks, stacksOfElfutils, stacksOfGdb } from './debuggers.ts'
import type { StoredCrash } from './stored-crashes.ts'
import { unpackCore } from './unpacked-core.ts'
import { openWorld, type World } from './world.ts'

const HANDLER = path.resolve(import.meta.dirname, '../../dist/coredog-handler')
const MIB = 1024 * 1024
const GIB = 1024 * MIB

describe('how much of a core is kept', { timeout: 600_000 }, () => {
  let world: World

  before(async () => {
    world = await openWorld(HANDLER)
    await world.setCorePattern(world.handler.witnessed())
    world.configure()
  })
  after(() => world?.[Symbol.asyncDispose]())

  it('stacks of a program of two GiB: all of its threads, and it is let go sooner', async t => {
    const whole = await crash('whole', ['2048'], {})
    const stacks = await crash('stacks', ['2048'], { 'coredog.io/dump': 'stacks' })
    const { sizeBytes = 0, storedBytes = 0, leftOutBytes = 0, dump, complete } = stacks.report.core ?? {}
    assert.deepEqual({ dump, complete }, { dump: 'stacks', complete: true })
    assert.ok(sizeBytes < 32 * MIB && storedBytes < MIB, `${sizeBytes} bytes, ${storedBytes} stored`)
    assert.ok(leftOutBytes > 2 * GIB - 32 * MIB)
    assert.ok((whole.report.core?.sizeBytes ?? 0) > 2 * GIB)
    for (const found of await stacksOf(stacks)) assertCrowd(found)
    const [held, heldStacks] = [whole, stacks].map(({ report }) => heldSeconds(report))
    t.diagnostic(
      `held: ${held} s for all, ${heldStacks} s for stacks, ${((held ?? 0) / (heldStacks ?? 1)).toFixed(1)} times as long; ` +
        `stored: ${whole.report.core?.storedBytes} and ${storedBytes} bytes`,
    )
  })

  it('all but shared memory, and gdb opens it', async () => {
    const { report, core } = await crash('own', ['16', '256'], { 'coredog.io/dump': 'private' })
    const { dump, complete, leftOutBytes = 0, sizeBytes = 0 } = report.core ?? {}
    assert.deepEqual(
      { dump, complete, leftOutBytes },
      { dump: 'private', complete: true, leftOutBytes: 256 * MIB },
    )
    assert.ok(sizeBytes > 16 * MIB && sizeBytes < 256 * MIB)
    for (const found of await stacksOf({ report, core, folder: '' })) assertCrowd(found)
  })

  async function crash(
    name: string,
    args: string[],
    annotations: Record<string, string>,
  ): Promise<StoredCrash> {
    const pod = await world.runPod({
      ...{ namespace: 'shop', name },
      annotations: { 'coredog.io/inject': 'true', ...annotations },
      container: { name: 'app', image: world.images.crashers.name, command: ['/bin/crowd', ...args] },
    })
    await pod.crash()
    assert.equal((await world.handler.end(pod.pid)).status, 0)
    return await world.store.crash(name, report => report.pod?.uid === pod.uid)
  }

  async function stacksOf(crash: StoredCrash): Promise<readonly Stacks[]> {
    const core = path.join(world.dir, 'core')
    await unpackCore(crash, core)
    assert.equal(statSync(core).size, crash.report.core?.sizeBytes)
    const crashed = { program: path.join(world.images.programs, 'crowd'), core }
    return await Promise.all([stacksOfGdb(crashed), stacksOfElfutils(crashed)])
  }
})

/** The crash, and eight threads that wait, with the names of their functions. */
function assertCrowd(stacks: Stacks): void {
  const named = [...stacks.values()].map(frames => frames.map(nameOf))
  assert.equal(named.length, 9)
  assert.equal(named.filter(names => names.includes('load_cart') && names.includes('main')).length, 1)
  const waiting = named.filter(names => names.includes('wait_in_line') && names.includes('serve_customer'))
  assert.equal(waiting.length, 8, JSON.stringify(named))
}

/** Without its arguments. */
function nameOf({ name }: DebuggerFrame): string | undefined {
  return name?.split('(')[0]
}

function heldSeconds({ timing }: CrashReport): number {
  return timing?.heldSeconds ?? assert.fail('it is not said how long it was held')
}
