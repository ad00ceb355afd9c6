import type { Explanation } from '../../handler/why/explain.ts'
import { type Explainer, explainerWithout } from '../../handler/why/explainer.ts'

/** Says what it is told to say, of whatever crashed. */
export function pretendedExplainer(site: string | null, explanation: Explanation): Explainer {
  return {
    ...explainerWithout(''),
    lookAt: async () => site,
    explain: async () => ({ explanation }),
  }
}

/** Has nothing to say. */
export const NO_EXPLAINER = (): Explainer => pretendedExplainer(null, { crash: {} })
