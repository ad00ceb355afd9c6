import { setTimeout } from 'node:timers/promises'
import type { Logger } from 'pino'
import { messageOf } from '../crash/errors.ts'
import type { Identity } from '../crash/identity.ts'
import type { KernelArgs } from '../crash/kernel-args.ts'
import { thisWriter } from '../durable/writer.ts'
import type { BegunFolder } from '../handoff/begun-folder.ts'
import type { ConcludedFolder } from '../handoff/concluded-folder.ts'
import { backBefore } from '../time/left-behind.ts'
import { describe } from './describe.ts'
import { type Observed, unverified } from './identity/observe.ts'
import type { ThisNode } from './identity/this-node.ts'

/** A crash, as far as its handler has come before it reads the core. */
export interface Begun {
  readonly id: string
  readonly time: Date
  readonly node: ThisNode
  readonly args: KernelArgs
  /** `null`: the process was not looked at yet. */
  readonly observed: Observed | null
  readonly identity: Identity | null
  /** Whether it was decided to keep it. */
  readonly isWanted: boolean
}

/**
 * What stays of a crash when its handler is killed. Never rejects: a core is worth more than a record of it.
 */
export interface Beginnings {
  /** May be called again when more is known. */
  note(begun: Begun): Promise<void>
  /** The crash has an outcome, or another process has written one. Twice does no harm. */
  forget(id: string): Promise<void>
}

// What is not a hang takes a fraction of a millisecond; the kernel holds the process meanwhile.
const DEADLINE_SECONDS = 2

/** Where beginnings lie, and where it is said that one that could not be removed is over. */
interface BeginningPlaces {
  readonly begun: Pick<BegunFolder, 'write' | 'remove'>
  /** Not on the disk of `begun`. */
  readonly concluded: Pick<ConcludedFolder, 'add'>
}

/** A disk that hangs is given up after `deadlineSeconds`, and for good. */
export function beginningsIn(
  { begun: folder, concluded }: BeginningPlaces,
  log: Logger,
  deadlineSeconds = DEADLINE_SECONDS,
): Beginnings {
  const onDisk = whileItAnswers(log, deadlineSeconds)
  const inMemory = whileItAnswers(log, deadlineSeconds)
  return {
    note: async begun => {
      await onDisk(async () => folder.write(await recordOf(begun)))
    },
    forget: async id => {
      if (!(await onDisk(() => folder.remove(id)))) await inMemory(() => concluded.add(id))
    },
  }
}

/**
 * Does one thing after another at one place, and says whether it went well. After one that hangs it does
 * nothing any more.
 */
function whileItAnswers(
  log: Logger,
  deadlineSeconds: number,
): (work: () => Promise<void>) => Promise<boolean> {
  let isHung = false
  return async work => {
    if (isHung) return false
    const ending = new AbortController()
    try {
      const late = setTimeout(deadlineSeconds * 1000, 'late' as const, { signal: ending.signal })
      isHung = (await backBefore(work(), late)) === 'late'
      if (isHung) log.warn({ seconds: deadlineSeconds }, 'beginning not noted in time')
      return !isHung
    } catch (cause) {
      log.warn({ reason: messageOf(cause) }, 'beginning not noted')
      return false
    } finally {
      ending.abort()
    }
  }
}

async function recordOf({ observed, identity, isWanted, ...begun }: Begun) {
  const seen = observed ?? unverified('its handler was killed before it had looked at the process')
  const report = describe({ ...begun, observed: seen, identity, core: { head: null }, site: {}, call: null })
  return { id: begun.id, writer: await thisWriter(), report, identity: bare(identity), isWanted }
}

/** Annotations are for a decision, which the handler makes. */
function bare(identity: Identity | null): Identity | null {
  if (identity?.kind !== 'container' || identity.pod === null) return identity
  const { annotations: _, ...pod } = identity.pod
  return { ...identity, pod }
}
