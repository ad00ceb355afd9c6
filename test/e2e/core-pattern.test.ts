import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { it, type TestContext } from 'node:test'
import { CorePattern } from './core-pattern.ts'
import { eventually } from './eventually.ts'
import { KERNEL_DEFAULTS, readKernelSettings, writeKernelSettings } from './kernel-settings.ts'

const OURS = { pattern: '|/bin/false %P', pipeLimit: 7 }
const options = { timeout: 60_000 }

it('CorePattern.set() changes the kernel, and leaving the scope changes it back', options, async () => {
  const before = readKernelSettings()
  {
    await using kernel = await CorePattern.own(30)
    assert.deepEqual(kernel.original, before)
    await kernel.set(OURS)
    assert.deepEqual(readKernelSettings(), OURS)
  }
  assert.deepEqual(readKernelSettings(), before)
})

it(
  'CorePattern.set() refuses a pattern that the kernel would cut, and all is as before',
  options,
  async () => {
    const before = readKernelSettings()
    {
      await using kernel = await CorePattern.own(30)
      await assert.rejects(kernel.set({ pattern: `|/bin/${'x'.repeat(130)}`, pipeLimit: 7 }), /Cannot set/)
    }
    assert.deepEqual(readKernelSettings(), before)
  },
)

for (const signal of ['SIGKILL', 'SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  it(`CorePattern is put back when its owner dies of ${signal}`, options, async test => {
    const before = readKernelSettings()
    const { owner } = await startOwner(test)
    assert.deepEqual(readKernelSettings(), OURS)
    owner.kill(signal)
    await eventually(
      'the old core_pattern',
      10,
      () => readKernelSettings().pattern === before.pattern || undefined,
    )
    assert.deepEqual(readKernelSettings(), before)
  })
}

it('CorePattern.own() finds the true original after owner and keeper were killed', options, async test => {
  const before = readKernelSettings()
  const { owner, keeperPid } = await startOwner(test)
  owner.kill('SIGSTOP') // so that it does not see the keeper go
  process.kill(keeperPid, 'SIGKILL')
  owner.kill('SIGKILL')
  await once(owner, 'exit')
  assert.deepEqual(readKernelSettings(), OURS)
  {
    await using kernel = await CorePattern.own(30)
    assert.deepEqual(kernel.original, before)
  }
  assert.deepEqual(readKernelSettings(), before)
})

it('CorePattern.own() knows our handler where neither it nor a record is left', options, async () => {
  const before = readKernelSettings()
  try {
    writeKernelSettings({ pattern: '|/no/such/coredog-handler %P %e %t', pipeLimit: 256 })
    {
      await using kernel = await CorePattern.own(30)
      assert.deepEqual(kernel.original, KERNEL_DEFAULTS)
    }
    assert.deepEqual(readKernelSettings(), KERNEL_DEFAULTS)
  } finally {
    writeKernelSettings(before)
  }
})

it(
  'CorePattern.own() waits for the other owner, and says who it is when it waits no longer',
  options,
  async test => {
    const { owner } = await startOwner(test)
    await assert.rejects(CorePattern.own(0.3), new RegExp(`held by process ${owner.pid} \\(.*core-pattern`))
    const next = CorePattern.own(30)
    owner.kill('SIGKILL')
    await (await next)[Symbol.asyncDispose]()
  },
)

/** Another process that owns the kernel's settings, has set {@link OURS}, and stays. */
async function startOwner(test: TestContext): Promise<{ owner: ChildProcess; keeperPid: number }> {
  const program = `
    const { CorePattern } = await import(${JSON.stringify(path.join(import.meta.dirname, 'core-pattern.ts'))})
    const kernel = await CorePattern.own(30)
    await kernel.set(${JSON.stringify(OURS)})
    console.log(kernel.keeperPid)
    setInterval(() => {}, 60_000)`
  const owner = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  test.after(() => owner.kill('SIGKILL'))
  const [line] = await once(createInterface(owner.stdout), 'line')
  return { owner, keeperPid: Number(line) }
}
