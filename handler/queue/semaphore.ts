import { Lifeline, type Watched } from './lifeline.ts'
import { type Arrival, nextTicket } from './queue-ticket.ts'
import { joinQueue } from './queued.ts'
import { SemaphoreFolder } from './semaphore-folder.ts'

/** Of those that stream a core on this node just now, one place. */
export interface Slot {
  end(): void
}

/** Which handler waits, and for what. */
interface Waiting extends Arrival {
  /** How many may be at it at once. */
  readonly slots: number
  readonly patienceSeconds: number
  /** Ends its patience. */
  readonly giveUp?: Promise<void>
}

const NO_SLOT: Slot = { end: () => undefined }

const NEVER = new Promise<void>(() => undefined)

/**
 * Waits until fewer than `slots` others are at it, in the order of tickets: of each lane one in a round. A
 * waiting handler has read nothing, so the kernel holds the crashed process, and no core is dropped; when
 * patience is over it goes ahead all the same.
 *
 * A place, and a ticket in the queue, is a {@link Lifeline} in `folder`. Each waits for the end of the one
 * before it in the queue, and only the first for a place to become free: so one is woken at a time, and none
 * of them asks meanwhile. Rejects if `folder` cannot be used.
 */
export async function acquireSlot(
  { slots, patienceSeconds, giveUp = NEVER, ...own }: Waiting,
  folder: string,
): Promise<Slot> {
  using semaphores = SemaphoreFolder.open(folder)
  using patience = patienceOf(patienceSeconds, giveUp)
  const ticket = nextTicket(semaphores.queue(), own)
  const atOnce = await slotOrThoseBefore(semaphores, slots, ticket)
  if (atOnce instanceof Lifeline) return slotOf(atOnce)
  drop(atOnce)
  using queued = await joinQueue(semaphores, ticket)
  for (;;) {
    // Asked once more before it waits: those that came later look at it from now on.
    const found = await slotOrThoseBefore(semaphores, slots, queued.ticket)
    if (found instanceof Lifeline) return slotOf(found)
    if (await patience.isOverBefore(found)) return NO_SLOT
  }
}

/** How long it waits at the most. */
interface Patience extends Disposable {
  /** Whether the time is over before one of them ends. Drops them then. */
  isOverBefore(watched: readonly Watched[]): Promise<boolean>
}

function patienceOf(seconds: number, giveUp: Promise<void>): Patience {
  const over = Promise.withResolvers<boolean>()
  void giveUp.then(() => over.resolve(true))
  const timer = setTimeout(over.resolve, seconds * 1000, true)
  return {
    async isOverBefore(watched) {
      const isOver = await Promise.race([
        over.promise,
        ...watched.map(({ ended }) => ended.then(() => false)),
      ])
      drop(watched)
      return isOver
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  }
}

function slotOf(lifeline: Lifeline): Slot {
  return { end: () => lifeline.end() }
}

/** A place if one is free just now; `null`: none is. Rejects if `folder` cannot be used. */
export async function tryAcquireSlot(
  { slots, arrival }: Pick<Waiting, 'slots' | 'arrival'>,
  folder: string,
): Promise<Slot | null> {
  using semaphores = SemaphoreFolder.open(folder)
  const found = await slotOrHolders(semaphores, slots, arrival)
  if (found instanceof Lifeline) return slotOf(found)
  drop(found)
  return null
}

/** How many have a place in `folder` or wait for one, at most `most`; 0 if it cannot be told. */
export async function countCrowd(folder: string, most: number): Promise<number> {
  try {
    using semaphores = SemaphoreFolder.open(folder)
    return await semaphores.count(most)
  } catch {
    // Without slots no handler waits for one.
    return 0
  }
}

/** The next one before it in the queue, or those that have the places. */
async function slotOrThoseBefore(
  semaphores: SemaphoreFolder,
  slots: number,
  ticket: string,
): Promise<Lifeline | readonly Watched[]> {
  const before = await nextBefore(semaphores, ticket)
  return before === null ? slotOrHolders(semaphores, slots, ticket) : [before]
}

async function nextBefore(semaphores: SemaphoreFolder, ticket: string): Promise<Watched | null> {
  const earlier = semaphores.queue().filter(other => other < ticket)
  for (const other of earlier.toReversed()) {
    const waits = await semaphores.watchTicket(other)
    if (waits !== null) return waits
  }
  return null
}

async function slotOrHolders(
  semaphores: SemaphoreFolder,
  slots: number,
  ticket: string,
): Promise<Lifeline | readonly Watched[]> {
  const holders: Watched[] = []
  try {
    for (let slot = 0; slot < slots; slot += 1) {
      const found = await semaphores.trySlot(slot, ticket)
      if (found instanceof Lifeline) {
        drop(holders)
        return found
      }
      holders.push(found)
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
