import { type Day, dayOf } from '../../crash/daily-key.ts'
import { fieldsIn } from '../../crash/fields.ts'
import { crashTimePrefix, type IndexEntry, indexedFolder } from '../../crash/index-entry.ts'
import { signalName } from '../../crash/signal.ts'

/** One crash in a file of its day. */
export interface CrashLine {
  /** Lines stand in the order of it, as names do in the index. */
  readonly key: string
  /** JSON, without its end. */
  readonly text: string
}

/**
 * What its name in the index says of a crash, in the words of report.json: each field in each line, so that all engines
 * see the same columns. Of what a process had in memory, or wrote, there is nothing.
 */
export function crashLine(entry: IndexEntry, location: (key: string) => string): CrashLine {
  const { id, time, namespace, pod, podUid, container, comm, pid, signal, storedBytes, group } = entry
  const report = `${indexedFolder(entry)}/report.json`
  const fields = {
    ...{ id, time: rfc3339(time), namespace, pod, podUid, container: container || null, comm, pid },
    ...{ signal, signalName: signal === null ? null : signalName(signal), storedBytes, group },
    ...{ report, url: location(report) },
  }
  return { key: crashTimePrefix(entry), text: JSON.stringify(fields) }
}

/** `null`: none of ours, of that day. A stranger may have written it. */
export function parseCrashLine(text: string, day: Day): CrashLine | null {
  const { id, time } = fieldsIn(text) ?? {}
  if (typeof id !== 'string' || !/^[0-9a-f]{12}$/.test(id) || typeof time !== 'string') return null
  const at = new Date(time)
  const isOurs = !Number.isNaN(at.getTime()) && rfc3339(at) === time && dayOf(at) === day
  return isOurs ? { key: crashTimePrefix({ time: at, id }), text } : null
}

/** To the second. */
function rfc3339(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z')
}
