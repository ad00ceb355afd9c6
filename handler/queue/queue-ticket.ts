/** Of which lane a handler waits for a slot, and since when. */
export interface Arrival {
  /** Sorts before that of a later process; no other process has it. No dot is in it. */
  readonly arrival: string
  /** Those that have one lane come one after the other, those of several alternate. Letters and digits. */
  readonly lane: string
}

// In the order of strings a ticket is one of its round; handlers of an earlier version compare their own
// tickets so, too.
const ROUND_DIGITS = 6
const TICKET = /^(\d{6})\.([^.]+)\.([^.]+)$/

interface Ticket extends Arrival {
  readonly round: number
}

/**
 * The ticket with which it joins `queue`: one round after the last one of its lane that waits, and not before
 * the round that is served now. So a lane with two hundred crashes has one slot in each round, and a lane
 * with one waits for no more than a round.
 */
export function nextTicket(queue: readonly string[], own: Arrival): string {
  const tickets = queue.flatMap(parsed)
  const served = tickets[0]?.round ?? 0
  const last = tickets.findLast(({ lane }) => lane === own.lane)?.round ?? -1
  return encoded({ ...own, round: Math.max(served, last + 1) })
}

/**
 * The ticket to take instead of one whose round others of its lane, which joined at the same time, have as
 * well; `null`: none came before it. Each of them finds another one.
 */
export function otherTicket(queue: readonly string[], ticket: string): string | null {
  const [own] = parsed(ticket)
  if (own === undefined) return null
  const rivals = queue
    .flatMap(parsed)
    .filter(({ lane, round, arrival }) => lane === own.lane && round === own.round && arrival < own.arrival)
  return rivals.length === 0 ? null : encoded({ ...own, round: own.round + rivals.length })
}

function parsed(ticket: string): Ticket[] {
  const [, round, arrival, lane] = TICKET.exec(ticket) ?? []
  return arrival === undefined || lane === undefined ? [] : [{ round: Number(round), arrival, lane }]
}

function encoded({ round, arrival, lane }: Ticket): string {
  const bounded = Math.min(round, 10 ** ROUND_DIGITS - 1)
  return `${String(bounded).padStart(ROUND_DIGITS, '0')}.${arrival}.${lane}`
}
