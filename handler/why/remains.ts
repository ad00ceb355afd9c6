import type { ReadMemory } from '../../crash/process-memory.ts'
import type { OpenModule } from './evidence.ts'

/** What is left of a process that crashed, wherever that is, for as long as evidence is taken of it. */
export interface Remains {
  readonly memory: ReadMemory
  /** The files of its code, opened; who asks closes them. */
  readonly modules: () => Promise<readonly OpenModule[]>
  /** How long it may take to look at them. */
  readonly patienceSeconds: number
}
