import { loadavg } from 'node:os'

const EVERY_MS = 2000

/**
 * How busy the machine was, by its load average of a minute: before, which others did, and meanwhile, which
 * is the benchmark, too.
 */
export class Load implements Disposable {
  readonly #before = now()
  readonly #seen: number[] = []
  readonly #timer = setInterval(() => this.#seen.push(now()), EVERY_MS).unref()

  /** For people. */
  get sentence(): string {
    const seen = [...this.#seen, now()].map(load => load.toFixed(1))
    const [least, most] = [seen.toSorted(byNumber)[0], seen.toSorted(byNumber).at(-1)]
    const meanwhile = least === most ? most : `${least} to ${most}`
    return `Load average before: ${this.#before.toFixed(1)}; meanwhile: ${meanwhile}.`
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}

function now(): number {
  return loadavg()[0] ?? 0
}

function byNumber(a: string, b: string): number {
  return Number(a) - Number(b)
}
