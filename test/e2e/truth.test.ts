/**
 * Of real programs of many kinds: whether the stacks of their crashes are those that gdb and elfutils find in the
 * same core, whether their own code is named, and whether two bugs are told apart.
 */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import process from 'node:process'
import { after, before, describe, it } from 'node:test'
import { execa } from 'execa'
import type { CrashReport } from '../../crash/report.ts'
import { type Crashed, stacksOfElfutils, stacksOfGdb } from './debuggers.ts'
import { eventually } from './eventually.ts'
import { type Exception, missingOf, REAL_PROGRAMS, type RealProgram } from './real-programs.ts'
import { compareStacks, type Difference } from './stack-comparison.ts'
import { unpackCore } from './unpacked-core.ts'
import { openWorld, type World } from './world.ts'

const HANDLER = path.resolve(import.meta.dirname, '../../dist/coredog-handler')
/** How often each of them crashes: `RUNS=20` takes twenty minutes. */
const RUNS = Number(process.env.RUNS ?? 2)
const SOURCES = path.resolve(import.meta.dirname, '../crashers')

describe('the stacks of real programs', { timeout: RUNS * 450_000 }, () => {
  let world: World
  const made = new Set<string>()
  const counted = { frames: 0, different: 0 }
  const bugsByFingerprint = new Map<string, Set<string>>()

  before(async () => {
    world = await openWorld(HANDLER)
    world.configure({
      collect: { hostProcesses: 'collect' },
      dedupe: { window: '0s' },
      limits: { perWorkload: 0 },
    })
    await mkdir(path.join(world.dir, 'made'))
    await world.setCorePattern(world.handler.witnessed())
  })
  after(() => world?.[Symbol.asyncDispose]())

  for (const program of REAL_PROGRAMS)
    it(`of ${program.name}`, { skip: missingOf(program) ?? false }, async () => {
      for (const command of program.make) await make(command)
      const crash = await crashOf(program)
      const core = path.join(world.dir, 'core')
      await unpackCore(crash, core)
      if (crash.core !== null) await rm(crash.core)
      const hasSymbols = program.isStripped !== true
      const differences = await differencesOf(crash.report, { ...filesOf(program), core }, hasSymbols)
      assert.deepEqual(
        differences.filter(difference => !isExcepted(difference, program.except)),
        [],
      )
      assertNamesOwn(crash.report, program)
      note(crash.report.crash?.fingerprint, program.bug)
      for (let run = 1; run < RUNS; run += 1) await assertSameBug(program, crash.report)
    })

  it('are not told of a program of 32 bits, of which the reason is', async () => {
    await make('gcc -m32 -O1 -g -nostdlib -static -fno-pie -no-pie -o $DIR/short truth/short.c')
    const { crash } = (await crashOf({ name: '32 bits', command: ['$DIR/short'] })).report
    assert.deepEqual([crash?.reasonCode, crash?.frames], ['null-pointer', undefined])
  })

  it('are those of debuggers, but for one frame in twenty', t => {
    const { frames, different } = counted
    t.diagnostic(`${frames - different} of ${frames} frames are equal`)
    assert.ok(different * 20 <= frames, `${different} of ${frames} differ`)
  })

  it('tell two bugs apart', () => {
    const shared = [...bugsByFingerprint.values()].filter(bugs => bugs.size > 1)
    assert.deepEqual(
      shared.map(bugs => [...bugs]),
      [],
    )
  })

  async function assertSameBug(program: RealProgram, { crash }: CrashReport): Promise<void> {
    // One of them deletes itself.
    if (!existsSync(inWorld(program.command[0] ?? ''))) return
    const again = await crashOf(program)
    if (again.core !== null) await rm(again.core)
    assert.equal(again.report.crash?.fingerprint, crash?.fingerprint)
  }

  /** Once, but for what a program needs each time. */
  async function make(command: string): Promise<void> {
    if (made.has(command)) return
    await execa('sh', ['-c', inWorld(command)], { cwd: SOURCES })
    made.add(command)
  }

  async function crashOf({
    name,
    command,
    calledAs,
    env,
    waits,
  }: Pick<RealProgram, 'name' | 'command' | 'calledAs' | 'env' | 'waits'>) {
    const [file = '', ...args] = command.map(inWorld)
    // The kernel tells the second of a crash by its ticks, and is milliseconds behind.
    const notBefore = Date.now() - 2000
    const child = execa(file, args, {
      reject: false,
      ...(calledAs !== undefined && { argv0: calledAs }),
      ...(env && { env }),
      stdin: waits === undefined ? 'ignore' : 'pipe',
    })
    const { pid = 0 } = child
    if (waits !== undefined) {
      await eventually(`${name} waits`, 60, () => isWaiting(pid, waits))
      process.kill(pid, 'SIGSEGV')
    }
    const { signal, stderr } = await child
    assert.ok(signal, `it ends by a signal: ${stderr}`)
    assert.equal((await world.handler.end(pid)).status, 0)
    // Of many crashes some have the same pid.
    return await world.store.crash(
      `the crash of ${name}`,
      ({ process, time = '' }) => process?.pid === pid && Date.parse(time) >= notBefore,
    )
  }

  function filesOf({ command, symbols, root }: RealProgram): Omit<Crashed, 'core'> {
    const program = inWorld(symbols ?? command[0] ?? '')
    return { program, ...(root !== undefined && { root: inWorld(root) }) }
  }

  function inWorld(text: string): string {
    return text.replaceAll('$DIR', path.join(world.dir, 'made'))
  }

  async function differencesOf(
    { process, crash, threads = [] }: CrashReport,
    crashed: Crashed,
    hasSymbols: boolean,
  ): Promise<Difference[]> {
    const [gdb, elfutils] = await Promise.all([stacksOfGdb(crashed), stacksOfElfutils(crashed)])
    const stacks = [{ tid: process?.namespacedThreadId, frames: crash?.frames }, ...threads]
    return stacks.flatMap(({ tid = 0, frames }) => {
      const { frames: count, differences } = compareStacks(frames, gdb.get(tid), elfutils.get(tid), {
        hasSymbols,
      })
      counted.frames += count
      counted.different += differences.length
      return differences
    })
  }

  function note(fingerprint: string | undefined, bug: string): void {
    if (fingerprint === undefined) return
    const bugs = bugsByFingerprint.get(fingerprint) ?? new Set()
    bugsByFingerprint.set(fingerprint, bugs.add(bug))
  }
})

function isWaiting(pid: number, { call, threads }: NonNullable<RealProgram['waits']>): true | undefined {
  const tasks = readdirSync(`/proc/${pid}/task`)
  const isCalling = (tid: string) => call.test(readFileSync(`/proc/${pid}/task/${tid}/syscall`, 'utf8'))
  return tasks.length >= threads && tasks.some(isCalling) ? true : undefined
}

function isExcepted(difference: Difference, exceptions: readonly Exception[] = []): boolean {
  const { ours, gdb } = difference
  return exceptions.some(exception => (exception.ours ?? ANY).test(ours) && (exception.gdb ?? ANY).test(gdb))
}

const ANY = /^/

/** Messages show five. */
const SHOWN_FRAMES = 5

function assertNamesOwn({ crash }: CrashReport, { own }: RealProgram): void {
  if (own === null) return
  const names = (crash?.frames ?? []).filter(frame => frame.own === true).map(frame => frame.function ?? '??')
  const shown = names.slice(0, SHOWN_FRAMES)
  assert.ok(
    shown.some(name => own.test(name)),
    `${own} is among ${shown.join(', ')}`,
  )
}
