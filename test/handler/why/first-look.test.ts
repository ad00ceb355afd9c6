import assert from 'node:assert/strict'
import { it, type TestContext } from 'node:test'
import { UntrustedDirectory } from '../../../durable/untrusted-directory.ts'
import { codeBelow } from '../../../handler/from-file/code-below.ts'
import { beginCrash, readCrash } from '../../../handler/from-file/core-in-file.ts'
import { nodeProc } from '../../../handler/identity/proc.ts'
import type { Evidence } from '../../../handler/why/evidence.ts'
import { explainerWithout } from '../../../handler/why/explainer.ts'
import { lookFirst } from '../../../handler/why/first-look.ts'
import { pipeOf } from '../../fakes/core-file.ts'
import { crashedLibrary } from '../from-file/crashed-library.ts'

/** Of a program that read a null pointer in a library, and whose stack leads nowhere behind two frames. */
async function evidenceOf(test: TestContext): Promise<Evidence> {
  const { root, core } = crashedLibrary(test)
  await using directory = await UntrustedDirectory.open(root)
  const stats = { size: core.length, blocks: 32, mtimeMs: 0, ctimeMs: 0 }
  const begun = await beginCrash({ pipe: pipeOf(test, core), stats, path: 'core' })
  const evidence = Promise.withResolvers<Evidence>()
  const lookAt = async (found: Evidence) => {
    evidence.resolve(found)
    return null
  }
  const explainer = { ...explainerWithout(''), lookAt }
  const open = codeBelow(directory, nodeProc(60))
  const { why } = await readCrash({ ...begun, identity: null }, open, () => explainer)
  test.after(() => why.close())
  const { entry: _, ...found } = await evidence.promise
  return found
}

it('lookFirst() says where a fault was, and why', async t => {
  const { site, reason } = lookFirst(await evidenceOf(t))
  assert.match(site ?? '', /^[0-9a-f]{16}$/)
  assert.equal(reason.code, 'null-pointer')
})

it('lookFirst() has no site, but a reason, where there was no time for one', async t => {
  const { site, reason } = lookFirst(await evidenceOf(t), () => false)
  assert.deepEqual([site, reason.code], [null, 'null-pointer'])
})

it('lookFirst() has no site of a program that holds its libc, and whose stack is lost', async t => {
  const evidence = await evidenceOf(t)
  const lost = { ...evidence, pieces: [] }
  assert.notEqual(lookFirst(lost).site, null)
  const entry = evidence.modules[0]?.ranges[0]?.start ?? 0n
  assert.equal(lookFirst({ ...lost, entry }).site, null)
})

it('lookFirst() has no site of a signal of which it is not known that an error raised it', async t => {
  const { info, ...evidence } = await evidenceOf(t)
  assert.ok(info)
  assert.equal(lookFirst(evidence).site, null)
  for (const change of [{ number: 7 }, { code: 0, pid: 1 }, { code: -1, pid: 1 }, { code: -2 }])
    assert.equal(lookFirst({ ...evidence, info: { ...info, ...change } }).site, null, JSON.stringify(change))
})
