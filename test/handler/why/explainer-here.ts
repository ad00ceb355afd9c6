import assert from 'node:assert/strict'
import { NO_CIRCUMSTANCES, withCircumstances } from '../../../handler/why/circumstances.ts'
import type { Evidence } from '../../../handler/why/evidence.ts'
import { type Explanation, explanations } from '../../../handler/why/explain.ts'
import type { Explainer } from '../../../handler/why/explainer.ts'
import { lookFirst } from '../../../handler/why/first-look.ts'

/** As the thread does it. */
export function explainerHere(): Explainer {
  let looked: Evidence | null = null
  return {
    lookAt: async evidence => {
      looked = evidence
      return lookFirst(evidence).site
    },
    explain: async circumstances => ({
      explanation: explain(looked ?? assert.fail('nothing was looked at'), circumstances),
    }),
    end: async () => undefined,
  }
}

export function explain(evidence: Evidence, circumstances = NO_CIRCUMSTANCES): Explanation {
  const known = withCircumstances(evidence, circumstances)
  return [...explanations(known, lookFirst(evidence))].at(-1) ?? assert.fail('there is no explanation')
}
