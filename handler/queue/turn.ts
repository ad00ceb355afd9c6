import { Lifeline, type Watched } from './lifeline.ts'
import { type Arrival, nextTicket, otherTicket } from './queue-ticket.ts'
import { TurnFolder } from './turn-folder.ts'

/** Of those that stream a core on this node just now, one place. */
export interface Turn {
  end(): void
}

/** Who waits, and for what. */
export interface Waiting extends Arrival {
  /** How many may be at it at once. */
  readonly places: number
  readonly patienceSeconds: number
}

/** One that waits in the queue. */
interface Queued {
  readonly ticket: string
  readonly lifeline: Lifeline
}

// Who joins with many of its lane at once needs two or three.
const MOST_JOINS = 16

const NO_PLACE: Turn = { end: () => undefined }

/**
 * Waits until fewer than `places` others are at it, in the order of tickets: of each lane one in a round. Who waits has read nothing, so the kernel
 * holds the crashed process, and no core is dropped; when patience is over it goes ahead all the same.
 *
 * A place, and a ticket in the queue, is a {@link Lifeline} in `folder`. Each waits for the end of the one before it in the
 * queue, and only the first for a place to become free: so one is woken at a time, and none of them asks meanwhile.
 * Rejects if `folder` cannot be used.
 */
export async function takeTurn(waiting: Waiting, folder: string): Promise<Turn> {
  using turns = TurnFolder.open(folder)
  const patience = Promise.withResolvers<void>()
  const timer = setTimeout(patience.resolve, waiting.patienceSeconds * 1000)
  const isOver = patience.promise.then(() => true)
  let queued: Queued | null = null
  let before: readonly Watched[] = []
  try {
    for (;;) {
      const ticket: string = queued?.ticket ?? nextTicket(turns.queue(), waiting)
      const found = await placeOrThoseBefore(turns, waiting.places, ticket)
      if (found instanceof Lifeline) return { end: () => found.end() }
      before = found
      // Who joins looks once more: those who came later look at it from now on.
      if (queued === null) queued = await join(turns, ticket)
      else if (await Promise.race([isOver, ...before.map(({ ended }) => ended.then(() => false))]))
        return NO_PLACE
      drop(before)
    }
  } finally {
    clearTimeout(timer)
    drop(before)
    if (queued !== null) leave(turns, queued)
  }
}

async function join(turns: TurnFolder, ticket: string): Promise<Queued> {
  let queued: Queued = { ticket, lifeline: await turns.join(ticket) }
  for (let joins = 1; joins < MOST_JOINS; joins += 1) {
    const other = otherTicket(turns.queue(), queued.ticket)
    if (other === null) break
    leave(turns, queued)
    queued = { ticket: other, lifeline: await turns.join(other) }
  }
  return queued
}

function leave(turns: TurnFolder, { ticket, lifeline }: Queued): void {
  turns.leaveQueue(ticket)
  lifeline.end()
}

/** A place if one is free just now; `null`: none is. Rejects if `folder` cannot be used. */
export async function tryTurn(
  { places, arrival }: Pick<Waiting, 'places' | 'arrival'>,
  folder: string,
): Promise<Turn | null> {
  using turns = TurnFolder.open(folder)
  for (let place = 0; place < places; place += 1) {
    const found = await turns.tryPlace(place, arrival)
    if (found instanceof Lifeline) return { end: () => found.end() }
    found.drop()
  }
  return null
}

/** How many have a place in `folder` or wait for one, at most `most`; 0 if it cannot be told. */
export async function countCrowd(folder: string, most: number): Promise<number> {
  try {
    using turns = TurnFolder.open(folder)
    return await turns.count(most)
  } catch {
    // Without turns nobody waits for one.
    return 0
  }
}

async function placeOrThoseBefore(
  turns: TurnFolder,
  places: number,
  ticket: string,
): Promise<Lifeline | readonly Watched[]> {
  for (const other of turns.queue().toReversed()) {
    const waits = other < ticket ? await turns.watchTicket(other) : null
    if (waits !== null) return [waits]
  }
  const holders: Watched[] = []
  try {
    for (let place = 0; place < places; place += 1) {
      const found = await turns.tryPlace(place, ticket)
      if (!(found instanceof Lifeline)) holders.push(found)
      else {
        drop(holders)
        return found
      }
    }
    return holders
  } catch (cause) {
    drop(holders)
    throw cause
  }
}

function drop(watched: readonly Watched[]): void {
  for (const one of watched) one.drop()
}
