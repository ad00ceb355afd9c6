import { type Logger, pino } from 'pino'

export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string; readonly level: number }

/** A log, and what was written to it. */
export function openLogLines(): { readonly log: Logger; readonly lines: LogLine[] } {
  const lines: LogLine[] = []
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  return { log, lines }
}
