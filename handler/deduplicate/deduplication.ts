import { createHash } from 'node:crypto'
import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import path from 'node:path'
import type { Config } from '../../config/config.ts'
import type { CoreLocation } from '../../crash/core-location.ts'
import { orIfMissing } from '../../crash/system-error.ts'
import { temporaryIn, writeAtomic } from '../../durable/atomic-file.ts'
import { anotherVersion, saysAnotherVersion, VERSION_LINE } from '../../handoff/format-version.ts'
import {
  encodeEntry,
  type GroupEntry,
  type Occurred,
  parseEntries,
  type Withdrawal,
} from '../../handoff/group-file.ts'
import {
  type Admission,
  type GroupRule,
  groupLifeSeconds,
  isOver,
  standingOf,
} from '../../handoff/group-standing.ts'
import { encodeSuppressed, suppressedFile } from '../../handoff/suppressed.ts'
import type { Notification } from '../../notify/notification.ts'
import type { Groups } from './groups.ts'

/** Whose limit a core was not kept for. */
export type Limit = 'dedupe' | 'perWorkload'

/** Whether the core of a crash is kept. */
export type Verdict =
  /** `suppressed`: how many crashes like it were counted, but not kept, since the last one that was. */
  | { readonly keep: true; readonly suppressed: number }
  | (Extract<Admission, { readonly keep: false }> & { readonly by: Limit; readonly keeps: number })

/** A crash, and where its core will be if it is kept. */
export interface Candidate extends Occurred {
  readonly core: CoreLocation
}

/** Counts the crashes of one group, and of one workload. */
export interface Deduplication {
  /** Of one crash that is asked for again the answer is the same: it may have been killed on its way. */
  deduplicate(groups: Groups, crash: Candidate): Promise<Verdict>
  /**
   * A crash that was admitted does not count for limits `from`, after all: the next one of its kind is kept
   * in its place.
   */
  withdraw(groups: Groups, crash: Occurred, from: readonly Limit[]): Promise<void>
  /**
   * Leaves `notification`, of a crash that `by` let no core be kept of, to be told with their number once the
   * time of the limit is over.
   */
  leave(groups: Groups, by: Limit, notification: Notification): Promise<void>
}

const HOUR_SECONDS = 3600

/** A limit, and what counts for it. */
interface Counted {
  readonly limit: Limit
  readonly file: string
  readonly rule: GroupRule
}

/** Counts in files of `folder`, one for each group and each workload. */
export function deduplicationIn(
  folder: string,
  { dedupe, limits }: Pick<Config, 'dedupe' | 'limits'>,
): Deduplication {
  const rules: Record<Limit, GroupRule> = {
    dedupe: { windowSeconds: dedupe.windowSeconds, keep: dedupe.keep },
    perWorkload: { windowSeconds: limits.perWorkload === 0 ? 0 : HOUR_SECONDS, keep: limits.perWorkload },
  }
  // A crash that is one of a group already does not count against its workload, so the group comes first.
  const countedFor = (groups: Groups): readonly Counted[] =>
    [counted('dedupe', groups.fingerprint), counted('perWorkload', groups.workload)].filter(it => it !== null)
  const counted = (limit: Limit, what: readonly string[] | null): Counted | null =>
    what === null || rules[limit].windowSeconds === 0
      ? null
      : { limit, file: fileOf(folder, [limit, ...what]), rule: rules[limit] }
  return {
    async deduplicate(groups, own) {
      const entered: Entered[] = []
      for (const counted of countedFor(groups)) {
        const entries = await enter(counted, own)
        const admission = admissionOf(entries, own, counted.rule)
        if (!admission.keep) {
          for (const { file } of entered) await takeBack(file, own, 'refused')
          return { ...admission, by: counted.limit, keeps: counted.rule.keep }
        }
        entered.push({ ...counted, entries, suppressed: admission.suppressed })
      }
      for (const one of entered) if (beginsAnew(one, own)) await beginAnew(one, own)
      return { keep: true, suppressed: entered.reduce((sum, { suppressed }) => sum + suppressed, 0) }
    },
    async withdraw(groups, own, from) {
      for (const { limit, file } of countedFor(groups))
        if (from.includes(limit)) await takeBack(file, own, 'withdrawn')
    },
    async leave(groups, by, notification) {
      const mine = countedFor(groups).find(({ limit }) => limit === by)
      if (mine === undefined) return
      const word = suppressedFile(mine.file)
      assertOurs(word, await readFile(word, 'utf8').catch(orIfMissing('')))
      await writeAtomic(word, encodeSuppressed({ notice: notification, rule: mine.rule }))
    },
  }
}

/** Where a crash was let in. */
interface Entered extends Counted {
  readonly entries: readonly GroupEntry[]
  readonly suppressed: number
}

function fileOf(folder: string, what: readonly string[]): string {
  return path.join(folder, createHash('sha256').update(what.join('\0')).digest('hex').slice(0, 32))
}

function admissionOf(entries: readonly GroupEntry[], { id }: Occurred, rule: GroupRule): Admission {
  return standingOf(entries, rule).admissions.get(id) ?? { keep: true, suppressed: 0 }
}

/** Of one group, some twenty thousand crashes. What comes beyond them is judged, and not counted. */
const LARGEST_FILE_BYTES = 1024 * 1024

/** Adds `own` and reads what is there by then; two lines are far below what write(2) does in one piece. */
async function enter({ file, rule }: Counted, own: Candidate): Promise<readonly GroupEntry[]> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  await using handle = await open(file, 'a+', 0o600)
  const text = await textIn(handle)
  assertOurs(file, text)
  const before = parseEntries(text)
  const { size } = await handle.stat()
  if (size >= LARGEST_FILE_BYTES) return [...before, came(own)]
  // A handler that is refused after all, because another one was quicker, has written where its core would
  // be: that is not looked at.
  const isLikelyKept = admissionOf([...before, came(own)], own, rule).keep
  const lines = isLikelyKept ? beginningOf(own) : encodeEntry(came(own))
  // Two handlers may both be the first: the line stands there twice then, and is passed over.
  await handle.appendFile(size === 0 ? VERSION_LINE + lines : lines)
  return parseEntries(await textIn(handle))
}

async function textIn(handle: FileHandle): Promise<string> {
  const { size } = await handle.stat()
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, 0)
  return buffer.toString('utf8', 0, bytesRead)
}

/**
 * What cannot be counted is kept: of the file of another release nothing is believed, and nothing is changed.
 */
function assertOurs(file: string, text: string): void {
  if (saysAnotherVersion(text)) throw anotherVersion(file)
}

function came({ time, id }: Occurred): GroupEntry {
  return { what: 'came', time, id }
}

/** The lines of a crash that is kept. */
function beginningOf(own: Candidate): string {
  return encodeEntry(came(own)) + encodeEntry({ what: 'core', id: own.id, core: own.core })
}

function beginsAnew({ entries, rule }: Entered, own: Occurred): boolean {
  const first = entries.find(entry => entry.what === 'came')
  return first !== undefined && isOver(first.time, own.time, rule.windowSeconds)
}

/**
 * What `own` alone is in goes away: a program that crashes at another place each time fills no disk with
 * groups.
 */
async function takeBack(file: string, own: Occurred, what: Withdrawal): Promise<void> {
  const text = await readFile(file, 'latin1').catch(orIfMissing(''))
  assertOurs(file, text)
  if (parseEntries(text).some(({ id }) => id !== own.id)) await append(file, { what, id: own.id })
  else await rm(file, { force: true })
}

async function append(file: string, entry: GroupEntry): Promise<void> {
  await using handle = await open(file, 'a', 0o600)
  if ((await handle.stat()).size < LARGEST_FILE_BYTES) await handle.appendFile(encodeEntry(entry))
}

/** Leaves only the new group in its file, and no file of a group that is long past. */
async function beginAnew({ file, rule }: Counted, own: Candidate): Promise<void> {
  const folder = path.dirname(file)
  const begun = temporaryIn(folder)
  await writeFile(begun, VERSION_LINE + beginningOf(own), { mode: 0o600 })
  await rename(begun, file)
  for (const name of await readdir(folder))
    await removeIfOld(path.join(folder, name), own.time, rule.windowSeconds)
}

/** Another handler may have been quicker. */
async function removeIfOld(file: string, now: Date, windowSeconds: number): Promise<void> {
  const { mtimeMs = now.getTime() } = (await stat(file).catch(() => null)) ?? {}
  if (now.getTime() - mtimeMs <= groupLifeSeconds(windowSeconds) * 1000) return
  const text = await readFile(file, 'latin1').catch(orIfMissing(''))
  if (!saysAnotherVersion(text)) await rm(file, { force: true })
}
