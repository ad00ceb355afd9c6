import type { ReceiverConfig } from '../../config/receivers/all.ts'
import type { Notification } from '../notification.ts'
import type { Answer, PosterRequest } from '../poster.ts'
import type { Verdict } from '../verdict.ts'

/** What a receiver is told. */
export interface Telling {
  /** As a program of the operator's is told it: with links, unless `downloadLink` is `none`. */
  readonly forPrograms: Notification
  /** As people in chats are: by `downloadLink` and `notify.detail`. */
  readonly forPeople: Notification
  /** RFC 3339: when it was noted first. The same at each attempt. */
  readonly firstAt: string
  /** Whether another one of its kind has it: of those who stand for each other no other one needs to hear old news. */
  readonly isKnown?: boolean
  /** The time of sending. */
  readonly now: Date
}

/**
 * One kind of program that is told of crashes over HTTP: what it is posted, and what its answers mean. All of it
 * is pure. Every string of a notification is hostile, and none of it is long.
 */
export interface Receiver<Config extends ReceiverConfig = ReceiverConfig> {
  /** `null`: of that it is not told. */
  readonly request: (telling: Telling, config: Config) => PosterRequest | null
  /** Absent: {@link verdictOfReceiver}. What it says may quote the answer: secrets are taken out of it later. */
  readonly verdict?: (answer: Answer) => Verdict
}
