import { Lifeline, type Watched } from './lifeline.ts'
import { type Arrival, nextTicket, otherTicket } from './queue-ticket.ts'
import { SemaphoreFolder } from './semaphore-folder.ts'

/** Of those that stream a core on this node just now, one place. */
export interface Slot {
  end(): void
}

/** Which handler waits, and for what. */
export interface Waiting extends Arrival {
  /** How many may be at it at once. */
  readonly slots: number
  readonly patienceSeconds: number
}

/** One that waits in the queue. */
interface Queued {
  readonly ticket: string
  readonly lifeline: Lifeline
}

// A handler that joins with many of its lane at once needs two or three.
const MOST_JOINS = 16

const NO_SLOT: Slot = { end: () => undefined }

/**
 * Waits until fewer than `slots` others are at it, in the order of tickets: of each lane one in a round. A
 * waiting handler has read nothing, so the kernel holds the crashed process, and no core is dropped; when
 * patience is over it goes ahead all the same.
 *
 * A place, and a ticket in the queue, is a {@link Lifeline} in `folder`. Each waits for the end of the one
 * before it in the queue, and only the first for a place to become free: so one is woken at a time, and none
 * of them asks meanwhile. Rejects if `folder` cannot be used.
 */
export async function acquireSlot(waiting: Waiting, folder: string): Promise<Slot> {
  using semaphores = SemaphoreFolder.open(folder)
  const patience = Promise.withResolvers<void>()
  const timer = setTimeout(patience.resolve, waiting.patienceSeconds * 1000)
  const isOver = patience.promise.then(() => true)
  let queued: Queued | null = null
  let before: readonly Watched[] = []
  try {
    for (;;) {
      const ticket: string = queued?.ticket ?? nextTicket(semaphores.queue(), waiting)
      const found = await slotOrThoseBefore(semaphores, waiting.slots, ticket)
      if (found instanceof Lifeline) return { end: () => found.end() }
      before = found
      // A handler that joins looks once more: those that came later look at it from now on.
      if (queued === null) queued = await join(semaphores, ticket)
      else if (await Promise.race([isOver, ...before.map(({ ended }) => ended.then(() => false))]))
        return NO_SLOT
      drop(before)
    }
  } finally {
    clearTimeout(timer)
    drop(before)
    if (queued !== null) leave(semaphores, queued)
  }
}

async function join(semaphores: SemaphoreFolder, ticket: string): Promise<Queued> {
  let queued: Queued = { ticket, lifeline: await semaphores.join(ticket) }
  for (let joins = 1; joins < MOST_JOINS; joins += 1) {
    const other = otherTicket(semaphores.queue(), queued.ticket)
    if (other === null) break
    leave(semaphores, queued)
    queued = { ticket: other, lifeline: await semaphores.join(other) }
  }
  return queued
}

function leave(semaphores: SemaphoreFolder, { ticket, lifeline }: Queued): void {
  semaphores.leaveQueue(ticket)
  lifeline.end()
}

/** A place if one is free just now; `null`: none is. Rejects if `folder` cannot be used. */
export async function tryAcquireSlot(
  { slots, arrival }: Pick<Waiting, 'slots' | 'arrival'>,
  folder: string,
): Promise<Slot | null> {
  using semaphores = SemaphoreFolder.open(folder)
  for (let slot = 0; slot < slots; slot += 1) {
    const found = await semaphores.trySlot(slot, arrival)
    if (found instanceof Lifeline) return { end: () => found.end() }
    found.drop()
  }
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

async function slotOrThoseBefore(
  semaphores: SemaphoreFolder,
  slots: number,
  ticket: string,
): Promise<Lifeline | readonly Watched[]> {
  for (const other of semaphores.queue().toReversed()) {
    const waits = other < ticket ? await semaphores.watchTicket(other) : null
    if (waits !== null) return [waits]
  }
  const holders: Watched[] = []
  try {
    for (let slot = 0; slot < slots; slot += 1) {
      const found = await semaphores.trySlot(slot, ticket)
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
