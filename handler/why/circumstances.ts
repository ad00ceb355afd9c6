import type { Evidence } from './evidence.ts'
import type { LastWords } from './last-words.ts'

/** What is to be had of a process beside what tells where it was. */
export type Circumstances = LastWords & Pick<Evidence, 'sender' | 'threadNames' | 'runtimeFiles' | 'python'>

export const NO_CIRCUMSTANCES: Circumstances = { pieces: [], threadNames: new Map() }

export function withCircumstances(evidence: Evidence, { pieces, ...others }: Circumstances): Evidence {
  return { ...evidence, ...others, pieces: [...evidence.pieces, ...pieces] }
}
