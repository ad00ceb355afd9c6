import type { Circumstances } from './circumstances.ts'
import type { Evidence } from './evidence.ts'
import type { Explanation } from './explain.ts'

/** Finds out why one process crashed, in two steps, and beside all else. No call rejects. */
export interface Explainer {
  /** `crash.site` of the report, while the process is held; `null`: it has none. */
  lookAt(evidence: Evidence): Promise<string | null>
  /** All else, of what was looked at and its circumstances; as much as is found in time. */
  explain(circumstances: Circumstances): Promise<Explained>
  /** Gives back what it has of memory and threads. */
  end(): Promise<void>
}

/** `unexplained`: why there is no explanation, for a person. */
export type Explained = { readonly explanation: Explanation } | { readonly unexplained: string }

/** What a thread says on its way. */
export type Step = { readonly site: string | null } | { readonly explanation: Explanation }

/** Of what nothing can be found out. */
export function explainerWithout(unexplained: string): Explainer {
  return {
    lookAt: async () => null,
    explain: async () => ({ unexplained }),
    end: async () => undefined,
  }
}
