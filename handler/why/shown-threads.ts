import { threadIdIn } from '../../crash/core-notes.ts'
import type { ReportThread } from '../../crash/report.ts'
import { plain } from '../../untrusted/plain-text.ts'
import type { Evidence } from './evidence.ts'
import { fitting } from './fitting.ts'
import { type Stack, shownFrames } from './frame-names.ts'

/** The kernel keeps 15 bytes of it. */
const LONGEST_NAME = 64

/** The other threads than the crashing one, as the report has them: as many as have room. */
export function shownThreads(
  stacks: readonly Stack[],
  { statuses, threadNames }: Pick<Evidence, 'statuses' | 'threadNames'>,
): readonly ReportThread[] {
  return fitting(
    stacks
      .map((stack, index) => shownThread(stack, statuses[index + 1], threadNames))
      .filter(({ frames = [] }) => frames.length > 0),
  )
}

function shownThread(
  stack: Stack,
  status: Uint8Array = new Uint8Array(),
  threadNames: Evidence['threadNames'],
): ReportThread {
  const tid = threadIdIn(Buffer.from(status), 8)
  const name = tid === undefined ? undefined : threadNames.get(tid)
  return {
    ...(tid !== undefined && { tid }),
    ...(name && { name: plain(name, LONGEST_NAME) }),
    frames: shownFrames(stack.flatMap(({ named }) => named)),
  }
}
