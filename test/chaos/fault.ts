import type { Operation } from '../fakes/s3-operations.ts'

/** What may happen to a request on its way to the store, or to its answer on the way back. */
export type StoreFaultKind =
  | 'store refuses connections'
  | 'store says 403'
  | 'store says 500'
  | 'store says SlowDown'
  | 'store hangs before the body'
  | 'store hangs after the body'
  | 'connection reset in the body'
  | 'error in a 200'
  | 'answer lost'
  | 'answer cut'
  | 'store slow'
  | 'part confirmed and lost'
  | 'object confirmed and lost'

export interface StoreFault {
  readonly kind: StoreFaultKind
  readonly on: Operation | 'any'
  /** So many such requests pass before. */
  readonly after: number
  /** So many fail; `null`: all, until the store is healed. */
  readonly times: number | null
  readonly slowMilliseconds: number
}

/** A store that lies. */
export const LIES = ['part confirmed and lost', 'object confirmed and lost'] as const

export const STORE_FAULTS: readonly StoreFaultKind[] = [
  'store refuses connections',
  'store says 403',
  'store says 500',
  'store says SlowDown',
  'store hangs before the body',
  'store hangs after the body',
  'connection reset in the body',
  'error in a 200',
  'answer lost',
  'answer cut',
  'store slow',
]

/** Faults in the order in which they were planned: the first that is due happens. */
export class ArmedFaults {
  #armed: { readonly fault: StoreFault; after: number; times: number }[]

  constructor(faults: readonly StoreFault[]) {
    this.#armed = faults.map(fault => ({
      fault,
      after: fault.after,
      times: fault.times ?? Number.POSITIVE_INFINITY,
    }))
  }

  heal(): void {
    this.#armed = []
  }

  next(operation: Operation): StoreFault | null {
    const armed = this.#armed.find(
      ({ fault: { on }, times }) => times > 0 && (on === 'any' || on === operation),
    )
    if (armed === undefined) return null
    if (armed.after > 0) {
      armed.after -= 1
      return null
    }
    armed.times -= 1
    return armed.fault
  }
}
