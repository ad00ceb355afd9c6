import { Histogram, type HistogramConfiguration } from 'prom-client'

const MOST_WAITING = 1_000

/**
 * A histogram that is not there before something is observed: each is some sixteen series, which most nodes never need.
 * It is shown empty once, for Prometheus takes no series that begins above 0 for a rise.
 */
export class LateHistogram {
  readonly #configuration: HistogramConfiguration<string>
  #histogram: Histogram | null = null
  #waiting: number[] | null = []

  constructor(configuration: HistogramConfiguration<string>) {
    this.#configuration = configuration
  }

  observe(value: number): void {
    this.#histogram ??= new Histogram(this.#configuration)
    if (this.#waiting === null) this.#histogram.observe(value)
    else if (this.#waiting.length < MOST_WAITING) this.#waiting.push(value)
  }

  /** What was observed before is seen from now on. */
  shown(): void {
    if (this.#histogram === null) return
    for (const value of this.#waiting ?? []) this.#histogram.observe(value)
    this.#waiting = null
  }
}
