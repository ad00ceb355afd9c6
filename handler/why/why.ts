import type { CrashReport } from '../../crash/report.ts'
import type { Evidence } from './evidence.ts'
import type { Explanation } from './explain.ts'
import type { Remains } from './remains.ts'
import { type Crashed, closeEvidence, takeEvidence } from './take-evidence.ts'

export type Explain = (evidence: Evidence) => Promise<Explanation | null>

/** Why a process crashed: taken while it is there, found out when it is wanted, and once. */
export class Why {
  readonly #evidence: Evidence | null
  readonly #explain: Explain
  #explanation: Promise<Explanation | null> | null = null

  private constructor(evidence: Evidence | null, explain: Explain) {
    this.#evidence = evidence
    this.#explain = explain
  }

  /** Never rejects. */
  static async of(crashed: Crashed, remains: Remains, explain: Explain): Promise<Why> {
    return new Why(await takeEvidence(crashed, remains), explain)
  }

  /** Nothing could be looked at. */
  static readonly unknown = new Why(null, async () => null)

  /** `report`, and why. Not to be called while the process is held. Never rejects. */
  async explained(report: CrashReport): Promise<CrashReport> {
    if (this.#evidence === null) return report
    const startedAt = performance.now()
    this.#explanation ??= this.#find(this.#evidence)
    const explanation = await this.#explanation
    if (explanation === null) return report
    const whySeconds = Math.round(performance.now() - startedAt) / 1000
    return {
      ...report,
      ...explanation,
      crash: { ...report.crash, ...explanation.crash },
      timing: { ...report.timing, whySeconds },
    }
  }

  /** Lets go of the files of the process. Twice is no error. */
  async close(): Promise<void> {
    if (this.#evidence === null || this.#explanation !== null) return
    this.#explanation = Promise.resolve(null)
    await closeEvidence(this.#evidence)
  }

  async #find(evidence: Evidence): Promise<Explanation | null> {
    try {
      return await this.#explain(evidence)
    } finally {
      await closeEvidence(evidence)
    }
  }
}
