import type { ReadMemory } from '../../crash/process-memory.ts'
import type { Sender } from '../../crash/why/reason.ts'
import type { Evidence } from './evidence.ts'
import type { RuntimeFile } from './runtime-file.ts'

/** What is left of a process that crashed, wherever that is, for as long as evidence is taken of it. */
export interface Remains {
  readonly memory: ReadMemory
  /** Its files are open; who asks closes them. */
  readonly code: () => Promise<ProcessCode>
  /** Who sent it a signal, by the id that it knows the sender by; only a process that is there knows. */
  readonly sender?: (sentBy: number) => Promise<Sender | null>
  /** What its threads are called, by their ids, which are its own; only a process that is there knows. */
  readonly threadNames?: (tids: readonly number[]) => Promise<ReadonlyMap<number, string>>
  /** What its runtime has in files, by the id that it knows itself by; who asks closes them. Never rejects. */
  readonly runtimeFiles?: (pid: number) => Promise<readonly RuntimeFile[]>
  /** How long it may take to look at them. */
  readonly patienceSeconds: number
}

export type ProcessCode = Required<Pick<Evidence, 'modules' | 'unopened'>>
