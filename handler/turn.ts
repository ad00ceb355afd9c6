import { Lifeline, type Watched } from './lifeline.ts'
import { TurnFolder } from './turn-folder.ts'

/** Of those that stream a core on this node just now, one place. */
export interface Turn {
  end(): void
}

/** Who waits, and for what. */
export interface Waiting {
  /** How many may be at it at once. */
  readonly places: number
  readonly patienceSeconds: number
  /** Sorts before that of whoever came later; nobody else's. */
  readonly ticket: string
}

const NO_PLACE: Turn = { end: () => undefined }

/**
 * Waits until fewer than `places` others are at it, in the order of tickets. Who waits has read nothing, so the kernel
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
  let queued: Lifeline | null = null
  let before: readonly Watched[] = []
  try {
    for (;;) {
      const found = await placeOrThoseBefore(turns, waiting)
      if (found instanceof Lifeline) return { end: () => found.end() }
      before = found
      // Who joins looks once more: those who came later look at it from now on.
      if (queued === null) queued = await turns.join(waiting.ticket)
      else if (await Promise.race([isOver, ...before.map(({ ended }) => ended.then(() => false))]))
        return NO_PLACE
      drop(before)
    }
  } finally {
    clearTimeout(timer)
    drop(before)
    if (queued !== null) turns.leaveQueue(waiting.ticket)
    queued?.end()
  }
}

/** A place if one is free just now; `null`: none is. Rejects if `folder` cannot be used. */
export async function tryTurn(
  { places, ticket }: Omit<Waiting, 'patienceSeconds'>,
  folder: string,
): Promise<Turn | null> {
  using turns = TurnFolder.open(folder)
  for (let place = 0; place < places; place += 1) {
    const found = await turns.tryPlace(place, ticket)
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
  { places, ticket }: Waiting,
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
