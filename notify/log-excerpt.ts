import type { NoticeConfig } from '../config/config.ts'
import { logLinesIn } from '../crash/log-text.ts'
import type { CrashReport } from '../crash/report.ts'
import { plain } from '../untrusted/plain-text.ts'
import { redactCommandLine } from '../untrusted/redact.ts'
import type { Language } from './language/language.ts'
import type { Notification } from './notification.ts'

/** What stood last in the log of the container. */
export interface LogExcerpt {
  readonly heading: string
  /** The oldest first. Never empty. */
  readonly lines: readonly string[]
}

const LONGEST_LINE = 300
const MOST_WORDS = 5

/**
 * The last lines of `log`, the text of `log.txt`, as many as chats are to be told whatever they are, and without what
 * looks like a secret, which may go over several lines. Where no chat is told of them there are none, so that none
 * wait on the disk of a node.
 */
export function lastLinesFor({ channels, logLines = 0, ...wording }: NoticeConfig, log: string): string[] {
  const isShown = wording.messageTemplate === null && (wording.detail ?? 'full') === 'full'
  if (logLines === 0 || channels.length === 0 || !isShown) return []
  const last = logLinesIn(log).slice(-logLines)
  const texts = last.map(({ text }) => text.replaceAll('\t', '  '))
  return redactCommandLine(texts.join('\n')).split('\n').map(shortLine)
}

/** What a notification has of them. `log`: the text of `log.txt`; `null`: there is none. */
export function linesTold(notice: NoticeConfig, log: string | null): Pick<Notification, 'lastLines'> {
  const lastLines = log === null ? [] : lastLinesFor(notice, log)
  return lastLines.length === 0 ? {} : { lastLines }
}

/** `notification` with no more of them than are wanted by now: it may have been written under another configuration. */
export function withLogLines(
  { lastLines, ...notification }: Notification,
  { logLines = 0 }: Pick<NoticeConfig, 'logLines'>,
): Notification {
  const wanted = logLines === 0 ? [] : (lastLines ?? []).slice(-logLines)
  return wanted.length === 0 ? notification : { ...notification, lastLines: wanted }
}

/** The last lines, where those are wanted; else what a runtime wrote, but for what is said in the reason. */
export function logExcerptOf(
  { report, lastLines = [] }: Pick<Notification, 'report' | 'lastLines'>,
  language: Language,
): LogExcerpt | null {
  if (lastLines.length > 0) return { heading: language.lastLines, lines: lastLines.map(shortLine) }
  const { lastWords = [] } = report.crash ?? {}
  const unsaid = lastWords.filter(words => !isSaid(words, report))
  return unsaid.length === 0
    ? null
    : { heading: language.lastWords, lines: unsaid.slice(-MOST_WORDS).map(shortLine) }
}

function shortLine(text: string): string {
  return plain(text.trimEnd(), LONGEST_LINE)
}

/** What remains of a line where it does not say which program it was, and that it failed: by that it is known again. */
const CORES: readonly RegExp[] = [
  /: Assertion [`'](.{1,1000})' failed\.$/,
  /^(?:panic|fatal error|FATAL ERROR): (.{1,1000}?)(?: \[recovered.{0,40}\])?$/,
  /^thread '.{1,200}' (?:\(\d{1,10}\) )?panicked at (.{1,600}:\d{1,7}:\d{1,7}):$/,
  /^terminate called after throwing an instance of '(.{1,600})'$/,
  /^ {2}what\(\): {1,2}(.{1,1000})$/,
]
/** As much tells: in a reason the rest may be cut. */
const TELLING_CHARACTERS = 60

/** faulthandler names the signal, which the title does. */
const SIGNAL_OF_PYTHON =
  /^Fatal Python error: (?:Segmentation fault|Aborted|Bus error|Illegal instruction|Floating[- ]point exception)$/

function isSaid(words: string, { crash }: CrashReport): boolean {
  if (SIGNAL_OF_PYTHON.test(words)) return true
  const core = CORES.map(pattern => pattern.exec(words)?.[1]).find(found => found !== undefined) ?? words
  const telling = core.trim().slice(0, TELLING_CHARACTERS)
  return [crash?.reason, crash?.abortMessage].some(said => said?.includes(telling) === true)
}
