import type { Options } from './options.ts'
import type { Measured } from './target.ts'

/** One run of the benchmark, as each of its parts sees it. */
export interface Session {
  readonly options: Options
  readonly signal: AbortSignal
  /** Gets a line of progress. */
  readonly say: (line: string) => void
}

export type Measure = (session: Session) => Promise<Measured>
