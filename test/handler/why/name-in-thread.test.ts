import assert from 'node:assert/strict'
import { closeSync, openSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { Worker, type WorkerOptions } from 'node:worker_threads'
import { nameInThread } from '../../../handler/why/name-in-thread.ts'
import type { SymbolsAsked } from '../../../handler/why/symbol-names.ts'
import { BUILD_ID, OTHER_ID, symbolsOf } from '../symbols/reported.ts'
import { OUT_OF_MEMORY } from './thread-that.ts'

const NEVER = new Promise<never>(() => undefined)

it('nameInThread() has what each file says of its own build', async t => {
  const asked = [await openSymbols(t, BUILD_ID), { ...(await openSymbols(t, BUILD_ID)), buildId: OTHER_ID }]
  const { told, trouble, ended } = await nameInThread(asked, NEVER)
  await ended
  assert.equal(trouble, null)
  assert.deepEqual(
    told.map(({ buildId, names }) => [buildId, names?.get(0x286n)?.name, names?.has(1n)]),
    [
      [BUILD_ID, 'checkout', false],
      [OTHER_ID, undefined, undefined],
    ],
  )
})

const ENDS: readonly (readonly [string, string, RegExp])[] = [
  ['throws', "throw new Error('no such table')", /^no such table$/],
  ['ends', 'process.exit(1)', /^its thread ended$/],
  ['is out of memory', OUT_OF_MEMORY, /reaching memory limit/],
]
for (const [end, then, said] of ENDS)
  it(`nameInThread() has what a thread told before it ${end}`, async t => {
    const asked = [await openSymbols(t, BUILD_ID), await openSymbols(t, OTHER_ID)]
    const first = { buildId: BUILD_ID, names: null }
    const { told, trouble, ended } = await nameInThread(asked, NEVER, threadThat(first, then))
    await ended
    assert.deepEqual(told, [first])
    assert.match(trouble ?? '', said)
  })

it('nameInThread() has what a thread told that is not done in time, and ends it', async t => {
  const first = { buildId: BUILD_ID, names: null }
  const late = Promise.withResolvers<void>()
  const start = threadThat(first, 'while (true);')
  const naming = nameInThread([await openSymbols(t, BUILD_ID)], late.promise, options => {
    const worker = start(options)
    worker.once('message', () => late.resolve())
    return worker
  })
  const { told, trouble, ended } = await naming
  assert.deepEqual([told, trouble], [[first], 'there was no time for it'])
  await ended
})

it('nameInThread() says so where no thread can be started', async () => {
  const { told, trouble } = await nameInThread([], NEVER, () => {
    throw new Error('no room')
  })
  assert.deepEqual([told, trouble], [[], 'no thread could be started: no room'])
})

async function openSymbols(test: TestContext, buildId: string): Promise<SymbolsAsked> {
  const folder = await mkdtemp(path.join(tmpdir(), 'coredog-naming-'))
  test.after(() => rm(folder, { recursive: true }))
  const file = path.join(folder, 'symbols')
  writeFileSync(file, symbolsOf(buildId))
  const fd = openSync(file, 'r')
  test.after(() => closeSync(fd))
  return { buildId, fd, sizeBytes: statSync(file).size, addresses: [0x286n, 1n] }
}

/** A real thread that tells `first`, and goes on with `then`. */
function threadThat(first: object, then: string): (options: WorkerOptions) => Worker {
  const text = `
    const { parentPort } = require('node:worker_threads')
    parentPort.once('message', () => {
      parentPort.postMessage(${JSON.stringify(first)})
      setImmediate(() => { ${then} })
    })`
  return options => new Worker(text, { ...options, eval: true })
}
