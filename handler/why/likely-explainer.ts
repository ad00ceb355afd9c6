import type { Explainer } from './explainer.ts'

/** An explainer that is begun once, as soon as it is likely to be needed: it takes as long as all that is before. */
export class LikelyExplainer {
  readonly #explain: () => Explainer
  #begun: Explainer | null = null

  constructor(explain: () => Explainer) {
    this.#explain = explain
  }

  begin(): Explainer {
    this.#begun ??= this.#explain()
    return this.#begun
  }

  async end(): Promise<void> {
    await this.#begun?.end()
  }
}
