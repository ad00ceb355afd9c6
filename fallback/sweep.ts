import type { Logger } from 'pino'
import { messageOf } from '../crash/errors.ts'
import type { UntrustedDirectory } from '../durable/untrusted-directory.ts'
import { shownPath } from './core-file.ts'
import type { Sight } from './sight.ts'
import { type Budget, directoriesIn, walk } from './walk.ts'

export interface SweepLimits {
  /** Files and directories of all pods. */
  readonly entries: number
  /** Of one pod: what it makes in excess, it does not get seen. */
  readonly podEntries: number
}

const SWEEP_LIMITS: SweepLimits = { entries: 100_000, podEntries: 20_000 }

/** Goes through all that is there, a bounded piece at a time. */
export class Sweep {
  readonly #log: Logger
  readonly #limits: SweepLimits
  #resumeAt: string | null = null
  #wasComplete = false

  constructor(log: Logger, limits: SweepLimits = SWEEP_LIMITS) {
    this.#log = log
    this.#limits = limits
  }

  /** Whether the last one of all saw everything. */
  get wasComplete(): boolean {
    return this.#wasComplete
  }

  /** If it is too much for once, the next time begins with the pod where this one ended. */
  async *all(root: UntrustedDirectory): AsyncGenerator<Sight> {
    const budget = { left: this.#limits.entries }
    yield { kind: 'entered', segments: [], directory: root }
    const pods = rotated(yield* podsIn(root, budget), this.#resumeAt)
    this.#resumeAt = null
    this.#wasComplete = budget.left > 0
    for (const segments of pods) {
      if (budget.left <= 0) {
        this.#resumeAt = segments.join('/')
        this.#wasComplete = false
        this.#log.warn({ limit: this.#limits.entries, next: shownPath(segments) }, 'sweep goes on next time')
        return
      }
      yield* this.#pod(root, segments, budget)
    }
    yield* namespacesLeft(root, budget)
  }

  /** What is below `segments` only. */
  async *below(root: UntrustedDirectory, segments: readonly string[]): AsyncGenerator<Sight> {
    yield* this.#part(root, segments, { left: this.#limits.podEntries })
  }

  async *#pod(root: UntrustedDirectory, segments: readonly string[], budget: Budget): AsyncGenerator<Sight> {
    const granted = Math.min(budget.left, this.#limits.podEntries)
    const own = { left: granted }
    yield* this.#part(root, segments, own)
    budget.left -= granted - Math.max(own.left, 0)
  }

  /** What cannot be read of one pod does not keep us from the others. */
  async *#part(root: UntrustedDirectory, segments: readonly string[], budget: Budget): AsyncGenerator<Sight> {
    try {
      await using directory = await root.descend(segments)
      if (directory !== null) yield* walk(directory, segments, budget)
      if (budget.left >= 0) return
      this.#wasComplete = false
      this.#log.warn({ path: shownPath(segments) }, 'too many files, some are left')
    } catch (cause) {
      this.#wasComplete = false
      this.#log.warn({ path: shownPath(segments), reason: messageOf(cause) }, 'directory not read')
    }
  }
}

/**
 * Sorted, so that the next sweep knows where this one ended. A namespace is entered before it is listed: of a
 * pod that comes in between, the watch that begins then is told.
 */
async function* podsIn(root: UntrustedDirectory, budget: Budget): AsyncGenerator<Sight, string[][]> {
  const pods: string[][] = []
  for await (const namespace of directoriesIn(root, budget)) {
    await using directory = await root.enter(namespace)
    if (directory === null) continue
    yield { kind: 'entered', segments: [namespace], directory }
    for await (const pod of directoriesIn(directory, budget)) pods.push([namespace, pod])
  }
  return pods.sort((a, b) => (a.join('/') < b.join('/') ? -1 : 1))
}

async function* namespacesLeft(root: UntrustedDirectory, budget: Budget): AsyncGenerator<Sight> {
  for await (const namespace of directoriesIn(root, budget)) {
    await using directory = await root.enter(namespace)
    if (directory === null) continue
    let entries = 0
    for await (const _ of directory.names()) entries += 1
    yield { kind: 'left', segments: [namespace], directory, directories: entries, entries }
  }
}

function rotated(pods: readonly string[][], from: string | null): readonly string[][] {
  if (from === null) return pods
  const at = pods.findIndex(segments => segments.join('/') >= from)
  return at === -1 ? pods : [...pods.slice(at), ...pods.slice(0, at)]
}
