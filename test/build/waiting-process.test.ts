import assert from 'node:assert/strict'
import { it } from 'node:test'
import { evidenceOfWaiting } from '../../build/waiting-process.ts'
import { explanations } from '../../handler/why/explain.ts'
import { lookFirst } from '../../handler/why/first-look.ts'
import { closeEvidence } from '../../handler/why/take-evidence.ts'

it('evidenceOfWaiting() has what a crash would have: a stack, and files in which its frames have names', async t => {
  const evidence = await evidenceOfWaiting()
  t.after(() => closeEvidence(evidence))
  const [, explained] = [...explanations(evidence, lookFirst(evidence))]
  const frames = explained?.crash.frames ?? []
  assert.match(frames[0]?.function ?? '', /read/)
  assert.ok(
    frames.some(({ trust }) => trust === 'cfi'),
    'its callers are found by the unwind tables',
  )
})
