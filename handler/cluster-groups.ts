import type { Logger } from 'pino'
import { messageOf } from '../crash/errors.ts'
import type { GroupNote } from '../handoff/group-note.ts'
import type { GroupNotes } from '../handoff/group-notes.ts'
import { backWithin } from '../time/left-behind.ts'
import type { Capture } from './capture.ts'

/** The groups whose crashes all nodes of the cluster count, and tell of, together. */
export interface ClusterGroups {
  /** Of a crash its group's folder in the store; `null`: each node counts such crashes by itself. */
  folderOf(capture: Capture): string | null
  /** Has the crash counted. Never rejects; resolves with whether it will be. */
  note(note: GroupNote): Promise<boolean>
}

// The process is held no more, but people wait to be told.
const DEADLINE_SECONDS = 2

export function notedIn(notes: Pick<GroupNotes, 'add'>, log: Logger): ClusterGroups['note'] {
  return async note => {
    try {
      const back = await backWithin(
        notes.add(note).then(() => true),
        DEADLINE_SECONDS,
      )
      if (back === null) log.warn({ crash: note.id }, 'crash not counted in the cluster: the disk hangs')
      return back === true
    } catch (cause) {
      log.warn({ crash: note.id, reason: messageOf(cause) }, 'crash not counted in the cluster')
      return false
    }
  }
}
