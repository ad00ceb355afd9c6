/** The tail of a container's log is stored under this name beside the report. */
export const LOG_FILE = 'log.txt'

/** A line that a container wrote. */
export interface LogLine {
  /** As the runtime wrote it: RFC 3339. */
  readonly time: string
  readonly stream: 'stdout' | 'stderr'
  /** One line, of any characters. */
  readonly text: string
}

/** The text of `log.txt`: a line of it for each, `<time> <stream> <text>`. */
export function encodeLog(lines: readonly LogLine[]): string {
  return lines.map(({ time, stream, text }) => `${time} ${stream} ${text}\n`).join('')
}

/** What {@link encodeLog} wrote; what is no such line is left out. */
export function logLinesIn(text: string): readonly LogLine[] {
  return text.split('\n').flatMap(line => {
    const [, time = '', stream, said = ''] = /^(\S{1,64}) (stdout|stderr) (.*)$/u.exec(line) ?? []
    return stream === 'stdout' || stream === 'stderr' ? [{ time, stream, text: said }] : []
  })
}
