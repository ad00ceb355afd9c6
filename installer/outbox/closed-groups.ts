import { readdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Logger } from 'pino'
import type { Config } from '../../config/config.ts'
import { reasonOf } from '../../crash/errors.ts'
import { orIfMissing } from '../../crash/system-error.ts'
import { writeAtomic } from '../../durable/atomic-file.ts'
import { boundedText } from '../../handoff/bounded-text.ts'
import { saysAnotherVersion } from '../../handoff/format-version.ts'
import { parseEntries } from '../../handoff/group-file.ts'
import { isOver, standingOf } from '../../handoff/group-standing.ts'
import type { Host } from '../../handoff/host.ts'
import { LeftAlone } from '../../handoff/left-alone.ts'
import { encodeEntry, newEntry, parseEntry } from '../../handoff/outbox-entry.ts'
import { OutboxFolder } from '../../handoff/outbox-folder.ts'
import { groupFileOf, parseSuppressed, type Suppressed, suppressedFile } from '../../handoff/suppressed.ts'
import { targetsOf } from '../../notify/routing.ts'
import { tickEvery } from '../../time/ticker.ts'

interface ClosedCasesOptions {
  readonly config: Config
  readonly host: Host
  readonly log: Logger
  readonly now?: () => Date
  /** Absent: each round tells of it anew. */
  readonly leftAlone?: LeftAlone
}

// The handler has a group's file open for a moment: what is taken away in one round is read in the next.
const ROUND_SECONDS = 10
const CLOSING = '.closing'
// A report has some kilobytes, and a group's file a megabyte and a line.
const LARGEST_BYTES = 4 * 1024 * 1024

/**
 * Tells, until `signal` aborts, how many crashes were counted and not kept, once the time in which they would
 * not be is over.
 */
export async function tellOfClosedGroups(options: ClosedCasesOptions, signal: AbortSignal): Promise<void> {
  let toldFault = ''
  const leftAlone = new LeftAlone(options.log)
  for await (const _ of tickEvery(ROUND_SECONDS, signal)) {
    try {
      await closeCases({ leftAlone, ...options })
    } catch (cause) {
      const fault = reasonOf(cause)
      if (fault.reason !== toldFault) options.log.warn(fault, 'closed cases not told of')
      toldFault = fault.reason
    }
  }
}

/**
 * One round. A kill at any moment loses no message and doubles none: the file of a group is taken away from
 * the handlers, then its message takes its place in one step, and in one more goes to the outbox.
 */
export async function closeCases({
  config,
  host,
  log,
  now = () => new Date(),
  leftAlone = new LeftAlone(log),
}: ClosedCasesOptions): Promise<void> {
  const inState = (name: string) => host.path(path.posix.join(config.paths.state, name))
  const folder = inState('dedupe')
  const outbox = new OutboxFolder(inState('outbox'))
  const names = await readdir(folder).catch(orIfMissing([]))
  for (const name of names.filter(name => name.endsWith(CLOSING)))
    await finish(path.join(folder, name), { config, outbox, log, now: now(), leftAlone })
  for (const name of names) {
    const caseName = groupFileOf(name)
    if (caseName !== null) await takeAwayIfClosed(path.join(folder, caseName), now(), leftAlone)
  }
}

async function takeAwayIfClosed(file: string, now: Date, leftAlone: LeftAlone): Promise<void> {
  const word = suppressedFile(file)
  if (await isLeftAlone([file, word], leftAlone)) return
  const [text, found] = [await boundedText(file, LARGEST_BYTES), await readWord(word)]
  if (text === null && (await boundedText(`${file}${CLOSING}`, LARGEST_BYTES)) !== null) return
  const standing = text === null || found === null ? null : standingOf(parseEntries(text), found.rule)
  if (standing !== null && standing.suppressed > 0 && standing.since !== null) {
    if (isOver(standing.since, now, found?.rule.windowSeconds ?? 0)) await rename(file, `${file}${CLOSING}`)
  } else await rm(word, { force: true })
}

interface Finishing {
  readonly config: Config
  readonly outbox: OutboxFolder
  readonly log: Logger
  readonly now: Date
  readonly leftAlone: LeftAlone
}

/**
 * Whether one of the files is of another version: then the release that wrote it tells what is to be told.
 */
async function isLeftAlone(files: readonly string[], leftAlone: LeftAlone): Promise<boolean> {
  for (const file of files)
    if (saysAnotherVersion((await boundedText(file, LARGEST_BYTES)) ?? '')) {
      leftAlone.tell(file)
      return true
    }
  return false
}

async function finish(closing: string, finishing: Finishing): Promise<void> {
  const word = suppressedFile(closing.slice(0, -CLOSING.length))
  if (await isLeftAlone([closing, word], finishing.leftAlone)) return
  const text = (await boundedText(closing, LARGEST_BYTES)) ?? ''
  const id = parseEntry(text)?.notice.report.id ?? (await writeEntry(closing, text, word, finishing))
  // A later crash of the group may have left another word by now.
  const found = await readWord(word)
  if (found === null || id === null || found.notice.report.id === id) await rm(word, { force: true })
  if (id === null) await rm(closing, { force: true })
  else await finishing.outbox.takeOver(closing, id)
}

/**
 * The crash whose entry is written in place of the group; `null`: there is nothing to tell, or no destination
 * to be told.
 */
async function writeEntry(
  closing: string,
  text: string,
  word: string,
  { config, log, now }: Finishing,
): Promise<string | null> {
  const found = await readWord(word)
  const suppressed = found === null ? 0 : standingOf(parseEntries(text), found.rule).suppressed
  if (found === null || suppressed === 0) return null
  const notification = { ...found.notice, report: { ...found.notice.report, suppressed } }
  const { id } = notification.report
  log.info({ crash: id, suppressed, reason: notification.reason }, 'suppressed crashes counted')
  const targets = targetsOf(config, notification)
  if (targets.length === 0) return null
  await writeAtomic(closing, encodeEntry(newEntry(notification, targets, now, null)))
  return id
}

async function readWord(file: string): Promise<Suppressed | null> {
  return parseSuppressed((await boundedText(file, LARGEST_BYTES)) ?? '')
}
