import { fieldsIn } from '../../crash/fields.ts'
import type { LogLine } from '../../crash/log-text.ts'

/** What a runtime wrote into a log at once: a line, or a piece of a long one. */
export interface LogRecord extends Omit<LogLine, 'text'> {
  readonly bytes: Buffer
  /** Whether its line ends with it. */
  readonly isEnd: boolean
}

const TIMESTAMP = String.raw`\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d)`
const TIME = new RegExp(`^${TIMESTAMP}$`)
// https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md: behind the
// tag there may be more tags.
const CRI = new RegExp(`^(${TIMESTAMP}) (stdout|stderr) ([PF])(?::[^ ]{0,64})? `)
/** Longer than what stands before the text. */
const LONGEST_HEAD = 160
const BRACE = 0x7b

/**
 * A line of a file, as the CRI has it, or Docker's `json-file`; `null`: it is no log. So of any other file, to which
 * a link may lead that a pod with the node's `/var/log` has made, nothing is taken.
 */
export function logRecordIn(line: Buffer): LogRecord | null {
  return line[0] === BRACE ? ofDocker(line) : ofCri(line)
}

function ofCri(line: Buffer): LogRecord | null {
  const [head, time, stream, tag] = CRI.exec(line.toString('latin1', 0, LONGEST_HEAD)) ?? []
  if (head === undefined || time === undefined) return null
  return recordOf(time, stream, line.subarray(head.length), tag === 'F')
}

/** A line that it wrote in pieces has its line feed in the last one. */
function ofDocker(line: Buffer): LogRecord | null {
  const { log, stream, time } = fieldsIn(line.toString('utf8')) ?? {}
  if (typeof log !== 'string' || typeof time !== 'string' || !TIME.test(time)) return null
  const isEnd = log.endsWith('\n')
  return recordOf(time, stream, Buffer.from(isEnd ? log.slice(0, -1) : log), isEnd)
}

function recordOf(time: string, stream: unknown, bytes: Buffer, isEnd: boolean): LogRecord | null {
  return stream === 'stdout' || stream === 'stderr' ? { time, stream, bytes, isEnd } : null
}
