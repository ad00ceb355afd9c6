import assert from 'node:assert/strict'
import { it } from 'node:test'
import { NO_CIRCUMSTANCES } from '../../../handler/why/circumstances.ts'
import type { Evidence } from '../../../handler/why/evidence.ts'
import { explanations } from '../../../handler/why/explain.ts'
import { explainInThread } from '../../../handler/why/explain-in-thread.ts'
import { lookFirst } from '../../../handler/why/first-look.ts'
import { explain } from './explainer-here.ts'
import { crashedInMain } from './this-program.ts'

it('explain() says why and where, by the symbols of a file that is open', t => {
  const { main, close, ...evidence } = crashedInMain()
  t.after(close)
  const { crash } = explain(evidence)
  assert.match(crash.reason ?? '', /null pointer \(address 0x18\)/)
  assert.equal(crash.reasonCode, 'null-pointer')
  const [frame] = crash.frames ?? []
  assert.deepEqual(
    [frame?.function, frame?.offset, frame?.address, frame?.module, frame?.trust],
    ['main', '0x1', `0x${(main + 1n).toString(16)}`, process.execPath, 'context'],
  )
})

it('explain() says in the reason what libc said before it aborted', t => {
  const { main: _, close, info: _info, ...evidence } = crashedInMain()
  t.after(close)
  const memory = Buffer.alloc(256)
  const message = "app: two.c:4: check: Assertion `b>=0' failed."
  memory.writeBigUInt64LE(0x1008n)
  memory.writeUInt32LE(200, 8)
  memory.write(`${message}\n`, 12)
  const said = { abortMessageAt: 0x1000n, pieces: [{ address: 0x1000n, bytes: memory }] }
  const { crash } = explain({ ...evidence, ...said, signal: 6 })
  assert.deepEqual([crash.reasonCode, crash.abortMessage], ['abort', message])
  assert.equal(crash.reason, "Assertion `b>=0' failed in check (two.c:4)")
})

it('explain() has no frames of a process of which no file is at hand', t => {
  const { main: _, close, ...evidence } = crashedInMain()
  t.after(close)
  const { crash } = explain({ ...evidence, modules: [] })
  assert.deepEqual([crash.reasonCode, crash.frames], ['null-pointer', undefined])
})

it('explanations() has the reason before a table of symbols is looked at', t => {
  const { main: _, close, ...evidence } = crashedInMain()
  t.after(close)
  const [first, ...others] = explanations(evidence, lookFirst(evidence))
  assert.deepEqual(
    [first?.crash.reasonCode, first?.crash.frames, others.length],
    ['null-pointer', undefined, 1],
  )
})

it('explainInThread() says the same from another thread', async t => {
  const { main: _, close, ...evidence } = crashedInMain()
  t.after(close)
  const explainer = explainInThread()
  assert.equal(await explainer.lookAt(evidence), lookFirst(evidence).site)
  assert.deepEqual(await explainer.explain(NO_CIRCUMSTANCES), { explanation: explain(evidence) })
})

it('explainInThread() says what hindered it where the thread fails', async t => {
  const { main: _, close, ...evidence } = crashedInMain()
  t.after(close)
  const explainer = explainInThread()
  assert.equal(await explainer.lookAt({ ...evidence, statuses: null } as unknown as Evidence), null)
  const explained = await explainer.explain(NO_CIRCUMSTANCES)
  assert.match('unexplained' in explained ? explained.unexplained : '', /^it could not be explained: \S/)
})

it('explainInThread() that is ended has no site, and says so', async t => {
  const { main: _, close, ...evidence } = crashedInMain()
  t.after(close)
  const explainer = explainInThread()
  const [site] = [explainer.lookAt(evidence), await explainer.end()]
  assert.equal(await site, null)
  assert.ok('unexplained' in (await explainer.explain(NO_CIRCUMSTANCES)))
})
