/**
 * Windows in which a cluster keeps so many cores of one group. An outbreak begins with a crash after a day without any,
 * at a time that is the same to all nodes whose clocks agree to some seconds; its windows follow each other, each twice
 * as long as the one before, up to a day. So whoever knows when it began knows all of them, and nobody counts: that of
 * the day there was none is known once the last window is over for as long. All times are seconds since the epoch.
 */

const DAY_SECONDS = 86_400
/** So that names stand in the order of windows. */
const NUMBER_DIGITS = 6

export interface KeptWindow {
  /** When its outbreak began. */
  readonly outbreak: number
  /** From 0. */
  readonly number: number
  readonly endsAt: number
}

export interface WindowRule {
  /** Of the first one. */
  readonly windowSeconds: number
  /** Cores kept in each. */
  readonly keep: number
}

/** The window of `outbreak` in which `now` is; of one that has not begun by our clock, its first. */
export function windowAt(outbreak: number, now: number, { windowSeconds }: WindowRule): KeptWindow {
  const { doublings, longestSeconds, doubledSeconds } = growthFrom(windowSeconds)
  const age = Math.max(0, now - outbreak)
  const number =
    age < doubledSeconds
      ? 31 - Math.clz32(Math.floor(age / windowSeconds) + 1)
      : doublings + Math.floor((age - doubledSeconds) / longestSeconds)
  return windowOf(outbreak, number, windowSeconds)
}

function windowOf(outbreak: number, number: number, windowSeconds: number): KeptWindow {
  const { doublings, longestSeconds, doubledSeconds } = growthFrom(windowSeconds)
  const lasted =
    number < doublings
      ? windowSeconds * (2 ** (number + 1) - 1)
      : doubledSeconds + (number - doublings + 1) * longestSeconds
  return { outbreak, number, endsAt: outbreak + lasted }
}

/** How many windows are shorter than the longest, and how long they are together. */
function growthFrom(windowSeconds: number) {
  const longestSeconds = Math.max(DAY_SECONDS, windowSeconds)
  const doublings = Math.ceil(Math.log2(longestSeconds / windowSeconds))
  return { doublings, longestSeconds, doubledSeconds: windowSeconds * (2 ** doublings - 1) }
}

/** The first window of an outbreak that begins now. */
export function firstWindow(now: number, rule: WindowRule): KeptWindow {
  const outbreak = Math.floor(now / rule.windowSeconds) * rule.windowSeconds
  return windowAt(outbreak, now, rule)
}

/** The window in which `now` is, if one of the same outbreak was `window`; `null`: that is over, or of another clock. */
export function windowAfter(
  { outbreak, number }: Pick<KeptWindow, 'outbreak' | 'number'>,
  now: number,
  rule: WindowRule,
): KeptWindow | null {
  const { endsAt } = windowOf(outbreak, number, rule.windowSeconds)
  const isNear = outbreak <= now + rule.windowSeconds && now < endsAt + DAY_SECONDS
  return isNear ? windowAt(outbreak, now, rule) : null
}

interface Place extends Pick<KeptWindow, 'outbreak' | 'number'> {
  readonly place: number
}

/** What the names of all places that were ever taken say: the window in which `now` is, and which of it are. */
export function standingOf(
  names: readonly string[],
  now: number,
  rule: WindowRule,
): { readonly window: KeptWindow; readonly taken: ReadonlySet<number> } {
  const places = names.map(parsePlace).filter(place => place !== null)
  const window = currentOf(places, now, rule)
  const isOfIt = ({ outbreak, number }: Place) => outbreak === window.outbreak && number === window.number
  return { window, taken: new Set(places.filter(isOfIt).map(({ place }) => place)) }
}

/** Of two outbreaks, begun by nodes that did not see each other's, the earlier one counts. */
function currentOf(places: readonly Place[], now: number, rule: WindowRule): KeptWindow {
  const last = new Map<number, number>()
  for (const { outbreak, number } of places) last.set(outbreak, Math.max(number, last.get(outbreak) ?? 0))
  const current = [...last]
    .toSorted(([one], [other]) => one - other)
    .map(([outbreak, number]) => windowAfter({ outbreak, number }, now, rule))
  return current.find(window => window !== null) ?? firstWindow(now, rule)
}

/** `<outbreak>.<number>-<place>` */
export function placeName({ outbreak, number }: KeptWindow, place: number): string {
  return `${outbreak}.${String(number).padStart(NUMBER_DIGITS, '0')}-${place}`
}

/** `null`: no name of ours. */
function parsePlace(name: string): Place | null {
  const [, outbreak, number, place] = /^(\d{1,11})\.(\d{6})-(\d{1,4})$/.exec(name) ?? []
  if (outbreak === undefined) return null
  return { outbreak: Number(outbreak), number: Number(number), place: Number(place) }
}
