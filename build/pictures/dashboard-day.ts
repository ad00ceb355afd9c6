import { createMetrics, type Metrics } from '../../installer/telemetry/metrics.ts'

/** The day that the picture of the dashboard shows. */
export const DAY = { start: new Date('2026-11-27T00:00:00Z'), seconds: 86_400, stepSeconds: 900 } as const

const SCRAPE_SECONDS = 300
const NODES = 6
const GIB = 2 ** 30
const HOUR = 3600

/**
 * What Prometheus would have scraped in a day of six nodes, in the text that `promtool tsdb create-blocks-from` takes:
 * a release at nine crashes for two hours, and at 15 the store is away for 50 minutes.
 */
export async function scrapedDay(): Promise<string> {
  const nodes = Array.from({ length: NODES }, (_, at) => new DayOfNode(at))
  const lines: string[] = []
  // An hour before, so that what is counted by labels is not there first in the picture.
  for (let second = -HOUR; second <= DAY.seconds; second += SCRAPE_SECONDS)
    for (const node of nodes) lines.push(...(await node.scrapedAt(second)))
  return `${lines.join('\n')}\n# EOF\n`
}

/** Counts by the clock alone, so that each record of the day is the same. */
class DayOfNode {
  readonly #name: string
  readonly #at: number
  readonly #metrics: Metrics
  #crashes = 0

  constructor(at: number) {
    this.#at = at
    this.#name = `node-${at + 1}`
    this.#metrics = createMetrics(this.#name)
    this.#metrics.setInstalled(true)
  }

  async scrapedAt(second: number): Promise<readonly string[]> {
    this.#pass(second)
    const at = DAY.start.getTime() / 1000 + second
    const lines = (await this.#metrics.text()).split('\n').filter(line => /^\w/.test(line))
    return lines.map(line => this.#sample(line, at))
  }

  #pass(second: number): void {
    const isReleased = second >= 9 * HOUR && second < 11 * HOUR
    const isAway = second >= 15 * HOUR && second < 15 * HOUR + 3000
    const turn = second / SCRAPE_SECONDS + 7 * this.#at
    if (turn % 17 === 0) this.#crash(6, isAway)
    if (isReleased) for (let count = 0; count < 2 + (turn % 3); count += 1) this.#crash(11, isAway)
    const waited = isAway ? (second - 15 * HOUR) / 3000 : 0
    this.#metrics.setSpool({
      crashes: Math.ceil(waited * 3),
      bytes: waited * (4 + 2 * this.#at) * GIB,
      maxBytes: 20 * GIB,
    })
    const oldest = isAway ? new Date(DAY.start.getTime() + 15 * HOUR * 1000) : null
    this.#metrics.setOutbox({ entries: isAway ? 2 : 0, oldest })
  }

  #crash(signal: number, isAway: boolean): void {
    this.#crashes += 1
    const timing = { heldSeconds: 0.08 + (this.#crashes % 7) / 10 }
    const report = { signal: { number: signal }, timing }
    // Of the bug of the release one core in ten is kept.
    const isCounted = signal === 11 && this.#crashes % 10 !== 1
    if (isAway) this.#metrics.countLine({ msg: 'crash lost', err: { type: 'StoreError' }, report })
    else if (isCounted) this.#metrics.countLine({ msg: 'crash suppressed', report })
    else this.#store(signal, timing)
  }

  #store(signal: number, held: { readonly heldSeconds: number }): void {
    const number = this.#crashes
    const core = { complete: true, sizeBytes: (60 + (number % 5) * 40) * 2 ** 20, storedBytes: 9 * 2 ** 20 }
    const timing = { ...held, uploadSeconds: 1 + (number % 9) }
    const seen = { count: signal === 11 ? number : 1 + (number % 3) }
    this.#metrics.countLine({
      msg: 'crash stored',
      report: { signal: { number: signal }, core, timing, seen },
    })
    this.#metrics.countDelivery('channel', 'ok')
  }

  /** With the labels of a target, and the time. */
  #sample(line: string, at: number): string {
    const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    const own = [labels, `pod="coredog-installer-${this.#at}"`]
    const all = labels.includes('node="') ? own : [...own, `node="${this.#name}"`]
    return `${name}{${all.filter(label => label !== '').join(',')}} ${value} ${at}`
  }
}
