import type { Lifeline } from './lifeline.ts'
import { otherTicket } from './queue-ticket.ts'
import type { SemaphoreFolder } from './semaphore-folder.ts'

/** One that waits in the queue, until it is disposed of. */
interface Queued extends Disposable {
  readonly ticket: string
}

// A handler that joins with many of its lane at once needs two or three.
const MOST_JOINS = 16

/**
 * Joins the queue with `ticket`, or with a later one where others of its lane joined with the same round.
 * Rejects if the folder cannot be used.
 */
export async function joinQueue(semaphores: SemaphoreFolder, ticket: string): Promise<Queued> {
  let own = ticket
  let lifeline = await semaphores.join(own)
  for (let joins = 1; joins < MOST_JOINS; joins += 1) {
    const other = otherTicket(semaphores.queue(), own)
    if (other === null) break
    leave(semaphores, own, lifeline)
    own = other
    lifeline = await semaphores.join(own)
  }
  return { ticket: own, [Symbol.dispose]: () => leave(semaphores, own, lifeline) }
}

function leave(semaphores: SemaphoreFolder, ticket: string, lifeline: Lifeline): void {
  semaphores.leaveQueue(ticket)
  lifeline.end()
}
