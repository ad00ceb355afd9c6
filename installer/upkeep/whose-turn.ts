import type { Logger } from 'pino'
import { messageOf, reasonOf } from '../../crash/errors.ts'
import { KubeError } from '../../kube/errors.ts'
import type { Held, TryHold } from './held.ts'
import type { NodeMarks } from './node-marks.ts'

interface Asked {
  /** `null`: there is no API server. */
  readonly lease: { readonly tryHold: TryHold } | null
  readonly marks: Pick<NodeMarks, 'isOurs'>
  readonly log: Logger
}

/** By the Lease; where there is none, or we have no right to it, by the marks of the nodes in the store. */
export function whoseTurn({ lease, marks, log }: Asked): TryHold {
  let isRefused = false
  const byMarks = async () => {
    try {
      return (await marks.isOurs()) ? FOR_GOOD : null
    } catch (cause) {
      log.warn(reasonOf(cause), 'not known which node looks after the store')
      return null
    }
  }
  return async () => {
    if (lease === null) return byMarks()
    try {
      return await lease.tryHold()
    } catch (cause) {
      if (!(cause instanceof KubeError) || cause.status !== 403) {
        log.debug({ reason: messageOf(cause) }, 'not known which node looks after the store')
        return null
      }
      if (!isRefused) log.warn({ reason: cause.message, hint: cause.hint }, 'no right to the Lease of upkeep')
      isRefused = true
      return byMarks()
    }
  }
}

const FOR_GOOD: Held = { signal: new AbortController().signal }
