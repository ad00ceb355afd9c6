import type { Completeness } from './completeness.ts'
import { retryMs } from './retry.ts'
import type { Verdict } from './verdict.ts'

const REST_MS = 60_000

/** Where a core file is between being seen and being dealt with; `unseen`: nothing is known of it. */
export type State =
  | 'unseen'
  | Completeness
  /** It waits in the queue. */
  | 'queued'
  /** A handler has it. */
  | 'taking'
  /** It was tried to take it, and will be again. */
  | 'failed'
  /** The handler found that it is no core. */
  | 'refused'
  | 'stored'
  | 'skipped'

/** What becomes known of a file, or is done with it. */
export type Happening =
  | Completeness
  | 'due'
  | 'begun'
  | Verdict['outcome']
  /** It is another file by now, or gone. */
  | 'changed'
  /** We end, and cut it off: nothing is wrong with it. */
  | 'stopped'
  | 'removed'

export interface Step {
  readonly to: State
  /**
   * When it is worth another look: at once, when it has rested for a minute, later with each failure. None:
   * when it changes.
   */
  readonly due?: 'now' | 'rested' | 'retry'
  /** What is done to its line in the attempts that outlive us (see `attempts.ts`). */
  readonly attempt?: 'begin' | 'failed' | 'forgive' | 'delete'
}

const QUEUE: Partial<Record<Happening, Step>> = { due: { to: 'queued' } }
const RETRY: Step = { to: 'failed', due: 'retry', attempt: 'failed' }
const STORED: Step = { to: 'stored', attempt: 'delete' }

/**
 * The life of one core file. One that is short may grow for hours; when it has rested for a minute, no
 * process writes it any more. None is given up, and only what is stored is ever removed. `stored` and
 * `skipped` outlive us in the ledger; a file in any other state is `unseen` when we are back, and its
 * attempts are known.
 */
export const LIFE: Readonly<Record<State, Partial<Record<Happening, Step>>>> = {
  unseen: {
    whole: { to: 'whole', due: 'now' },
    short: { to: 'short', due: 'rested' },
    foreign: { to: 'foreign' },
    failed: RETRY,
  },
  whole: QUEUE,
  short: QUEUE,
  failed: QUEUE,
  queued: {
    begun: { to: 'taking', attempt: 'begin' },
    changed: { to: 'unseen' },
    failed: RETRY,
    stopped: { to: 'unseen' },
  },
  taking: {
    stored: STORED,
    suppressed: STORED,
    skipped: { to: 'skipped', attempt: 'delete' },
    refused: { to: 'refused', attempt: 'delete' },
    changed: { to: 'unseen', attempt: 'delete' },
    failed: RETRY,
    stopped: { to: 'unseen', attempt: 'forgive' },
  },
  stored: { removed: { to: 'unseen' } },
  skipped: {},
  refused: {},
  foreign: {},
}

/** What is known of one file. */
export interface FileLife {
  readonly state: State
  /** When it is worth another look, in milliseconds of the day's clock; `null`: when it changes. */
  readonly dueMs: number | null
  /** How often in a row it was tried to take it. */
  readonly failures: number
}

/** The life after a step. `random`: from 0 to 1, so that not all files of an outage come back at once. */
export function advance(life: FileLife, { to, due }: Step, nowMs: number, random: number): FileLife {
  const failures = life.failures + (due === 'retry' ? 1 : 0)
  if (due === undefined) return { state: to, dueMs: null, failures }
  if (due === 'retry')
    return { state: to, dueMs: nowMs + Math.round(retryMs(failures) * (0.75 + 0.25 * random)), failures }
  const restMs = due === 'rested' ? REST_MS : 0
  // Tried before a restart of ours, it is due no sooner than it was then.
  return { state: to, dueMs: Math.max(nowMs + restMs, life.dueMs ?? nowMs), failures }
}

export function isDue({ dueMs }: FileLife, nowMs: number): boolean {
  return dueMs !== null && dueMs <= nowMs
}

/** Then its path is taken, whatever lies there by now. */
export function isOnItsWay({ state }: FileLife): boolean {
  return state === 'queued' || state === 'taking'
}

/** Then there is nothing to do with it in this life of ours. */
export function isOver({ state }: FileLife): boolean {
  return state === 'unseen' || state === 'stored' || state === 'skipped'
}
