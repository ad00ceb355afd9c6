import { setTimeout } from 'node:timers/promises'
import type { Logger } from 'pino'
import { messageOf } from '../crash/errors.ts'
import type { Identity } from '../crash/identity.ts'
import type { KernelArgs } from '../crash/kernel-args.ts'
import { thisWriter } from '../durable/writer.ts'
import type { BegunFolder } from '../handoff/begun-folder.ts'
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

/** What stays of a crash when its handler is killed. Never rejects: a core is worth more than a record of it. */
export interface Beginnings {
  /** May be called again when more is known. */
  note(begun: Begun): Promise<void>
  /** The crash has an outcome, or somebody else's word for it. Twice does no harm. */
  forget(id: string): Promise<void>
}

// What is not a hang takes a fraction of a millisecond; the kernel holds the process meanwhile.
const DEADLINE_SECONDS = 2

/** Beginnings in `folder`. A disk that hangs is given up after two seconds, and for good. */
export function beginningsIn(
  folder: Pick<BegunFolder, 'write' | 'remove'>,
  log: Logger,
  deadlineSeconds = DEADLINE_SECONDS,
): Beginnings {
  let isHung = false
  const safely = async (work: () => Promise<void>) => {
    if (isHung) return
    const ending = new AbortController()
    try {
      const late = setTimeout(deadlineSeconds * 1000, 'late' as const, { signal: ending.signal })
      isHung = (await Promise.race([work(), late])) === 'late'
      if (isHung) log.warn({ seconds: deadlineSeconds }, 'beginning not noted in time')
    } catch (cause) {
      log.warn({ reason: messageOf(cause) }, 'beginning not noted')
    } finally {
      ending.abort()
    }
  }
  return {
    note: begun => safely(async () => folder.write(await recordOf(begun))),
    forget: id => safely(() => folder.remove(id)),
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
