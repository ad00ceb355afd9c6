import { isDeepStrictEqual } from 'node:util'
import type { CrashGroup } from '../../groups/crash-group.ts'
import type { ToldRecord } from '../../groups/told-record.ts'
import type { Notification } from '../../notify/notification.ts'

/** A message whose claim was not heard of, or that was not written down when it was won. */
export interface OwedMessage {
  readonly update: number | 'quiet'
  /** With what it was claimed. */
  readonly record: ToldRecord
  readonly notification: Notification
}

/** More would be of a store that refuses every claim: then none is made until these are settled. */
const MOST_OWED = 100

/** What is not told, and claimed perhaps, by the folder of its group: all others take it for told. */
export class OwedMessages {
  readonly #owed = new Map<string, OwedMessage>()

  get isFull(): boolean {
    return this.#owed.size >= MOST_OWED
  }

  of(folder: string): OwedMessage | undefined {
    return this.#owed.get(folder)
  }

  add(folder: string, message: OwedMessage): void {
    this.#owed.set(folder, message)
  }

  settle(folder: string): void {
    this.#owed.delete(folder)
  }

  /** The groups of the others are no more. */
  settleAllBut(folders: ReadonlySet<string>): void {
    for (const folder of this.#owed.keys()) if (!folders.has(folder)) this.#owed.delete(folder)
  }
}

/** Whether the claim of `owed` was won after all. */
export async function isWon(
  group: CrashGroup,
  { update, record }: OwedMessage,
  signal: AbortSignal,
): Promise<boolean> {
  return isDeepStrictEqual(await group.told(update, signal), record)
}
