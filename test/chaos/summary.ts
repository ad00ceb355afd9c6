import type { TrialResult } from './trial.ts'

/** What a run of trials came to. */
export class Summary {
  #trials = 0
  #leftByKills = 0
  readonly #outcomes = new Map<string, number>()
  readonly #happened = new Map<string, { trials: number; times: number }>()

  get trials(): number {
    return this.#trials
  }

  add({ outcomes, happened, leftByKills }: TrialResult): void {
    this.#trials += 1
    this.#leftByKills += leftByKills
    for (const outcome of outcomes) this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1)
    for (const [what, times] of happened) {
      const sum = this.#happened.get(what) ?? { trials: 0, times: 0 }
      this.#happened.set(what, { trials: sum.trials + 1, times: sum.times + times })
    }
  }

  text(seconds: number): string {
    const crashes = [...this.#outcomes.values()].reduce((sum, count) => sum + count, 0)
    return [
      `${this.#trials} trials, ${crashes} crashes, ${Math.round(seconds)} s`,
      ...rows(
        'outcome',
        [...this.#outcomes].map(([outcome, count]) => [outcome, String(count)]),
      ),
      ...rows(
        'what happened (trials, times)',
        [...this.#happened].map(([what, { trials, times }]) => [
          what,
          `${trials}`.padStart(5) + `${times}`.padStart(7),
        ]),
      ),
      `temporary files left by kills: ${this.#leftByKills}`,
    ].join('\n')
  }
}

function rows(title: string, entries: readonly (readonly [string, string])[]): readonly string[] {
  const sorted = entries.toSorted(([a], [b]) => a.localeCompare(b))
  return ['', title, ...sorted.map(([name, value]) => `  ${name.padEnd(32)} ${value.padStart(6)}`), '']
}
