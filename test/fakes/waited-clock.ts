import type { Clock } from '../../time/rate-limiter.ts'

/** A clock that moves by what is waited. */
export class WaitedClock implements Clock {
  ms = 0
  readonly now = () => this.ms
  readonly pause = async (seconds: number) => {
    this.ms += seconds * 1000
  }
}
