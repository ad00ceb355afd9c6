import { readFile } from 'node:fs/promises'
import { orIfMissing } from '../../crash/system-error.ts'
import { writeWhole } from '../../durable/atomic-file.ts'
import {
  encodeKnownWindow,
  forgetKnownWindow,
  type KnownWindowFile,
  knownWindowFile,
  parseKnownWindow,
} from '../../handoff/known-window.ts'
import { backWithin } from '../../time/left-behind.ts'

// A process is held meanwhile. A disk that works takes a fraction of a millisecond.
const DEADLINE_SECONDS = 1

/** What this node knows of the windows of groups, by their folders in the store. Never rejects: who knows nothing asks. */
export class WindowMemory {
  readonly #folder: string
  readonly #windowSeconds: number

  constructor(folder: string, windowSeconds: number) {
    this.#folder = folder
    this.#windowSeconds = windowSeconds
  }

  /** `null`: nothing, or by another rule. */
  async of(group: string): Promise<KnownWindowFile | null> {
    const reading = readFile(this.#file(group), 'utf8').catch(orIfMissing(''))
    const known = parseKnownWindow((await quietly(reading)) ?? '')
    return known?.windowSeconds === this.#windowSeconds ? known : null
  }

  async note(group: string, known: Omit<KnownWindowFile, 'windowSeconds'>): Promise<void> {
    const text = encodeKnownWindow({ ...known, windowSeconds: this.#windowSeconds })
    await quietly(writeWhole(this.#file(group), text))
  }

  async forget(group: string): Promise<void> {
    await quietly(forgetKnownWindow(this.#folder, group))
  }

  #file(group: string): string {
    return knownWindowFile(this.#folder, group)
  }
}

async function quietly<T>(work: Promise<T>): Promise<T | null> {
  return backWithin(work, DEADLINE_SECONDS).catch(() => null)
}
