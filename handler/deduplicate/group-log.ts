import { type FileHandle, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
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
import { type Admission, type GroupRule, isOver, standingOf } from '../../handoff/group-standing.ts'
import { encodeSuppressed, suppressedFile } from '../../handoff/suppressed.ts'
import type { Notification } from '../../notify/notification.ts'

/** A crash, and where its core will be if it is kept; absent: it is counted for something else. */
export interface Candidate extends Occurred {
  readonly core?: CoreLocation
}

interface Entered {
  readonly admission: Admission
  /** Whether the file still holds a group that is over. */
  readonly isPast: boolean
}

/** Of one group, some twenty thousand crashes. What comes beyond them is judged, and not counted. */
const LARGEST_FILE_BYTES = 1024 * 1024

/**
 * The crashes of one group, in a file to which all handlers of the node append. What cannot be counted is
 * kept: of the file of another release nothing is believed, and nothing is changed, so methods reject then,
 * and with the errors of `node:fs`.
 */
export class GroupLog {
  readonly #file: string
  readonly #rule: GroupRule

  constructor(file: string, rule: GroupRule) {
    this.#file = file
    this.#rule = rule
  }

  /** Adds `own`, and judges it by what is there by then. `before` it others, as far as they are not there. */
  async enter(own: Candidate, before: readonly Occurred[] = []): Promise<Entered> {
    const entries = await this.#add(own, before)
    const first = entries.find(entry => entry.what === 'came')
    const isPast = first !== undefined && isOver(first.time, own.time, this.#rule.windowSeconds)
    return { admission: this.#admissionOf(own, entries), isPast }
  }

  /** Two lines are far below what write(2) does in one piece. */
  async #add(own: Candidate, before: readonly Occurred[]): Promise<readonly GroupEntry[]> {
    await mkdir(path.dirname(this.#file), { recursive: true, mode: 0o700 })
    await using handle = await open(this.#file, 'a+', 0o600)
    const text = await textIn(handle)
    assertOurs(this.#file, text)
    const there = parseEntries(text)
    const missing = missingOf(before, there).map(came)
    const then = [...there, ...missing, came(own)]
    const { size } = await handle.stat()
    if (size >= LARGEST_FILE_BYTES) return then
    // A handler that is refused after all, because another one was quicker, has written where its core would
    // be: that is not looked at.
    const ownLines = this.#admissionOf(own, then).keep ? beginningOf(own) : encodeEntry(came(own))
    const lines = missing.map(encodeEntry).join('') + ownLines
    // Two handlers may both be the first: the line stands there twice then, and is passed over.
    await handle.appendFile(size === 0 ? VERSION_LINE + lines : lines)
    return parseEntries(await textIn(handle))
  }

  #admissionOf({ id }: Occurred, entries: readonly GroupEntry[]): Admission {
    return standingOf(entries, this.#rule).admissions.get(id) ?? { keep: true, suppressed: 0 }
  }

  /** Of one that was admitted: it has a place in the cluster, or may have one, and its core will be there. */
  async settle({ id, core }: Candidate, place: string | null): Promise<void> {
    // It may have been taken back by now, and the file with it.
    if ((await stat(this.#file).catch(orIfMissing(null))) === null) return
    if (place !== null) await this.#append({ what: 'place', id, key: place })
    if (core !== undefined) await this.#append({ what: 'core', id, core })
  }

  /** Of one that was admitted: others were kept on other nodes. It stays counted. */
  async leaveToOthers(own: Occurred): Promise<Admission> {
    const elsewhere: GroupEntry = { what: 'elsewhere', id: own.id }
    await this.#append(elsewhere)
    const text = await readFile(this.#file, 'utf8').catch(orIfMissing(''))
    // Once more, as the file may be full.
    return this.#admissionOf(own, [...parseEntries(text), came(own), elsewhere])
  }

  /**
   * What `own` alone is in goes away: a program that crashes at another place each time fills no disk with
   * groups.
   */
  async takeBack(own: Occurred, what: Withdrawal): Promise<void> {
    const text = await readFile(this.#file, 'latin1').catch(orIfMissing(''))
    assertOurs(this.#file, text)
    if (parseEntries(text).some(({ id }) => id !== own.id)) await this.#append({ what, id: own.id })
    else await rm(this.#file, { force: true })
  }

  async #append(entry: GroupEntry): Promise<void> {
    await using handle = await open(this.#file, 'a', 0o600)
    if ((await handle.stat()).size < LARGEST_FILE_BYTES) await handle.appendFile(encodeEntry(entry))
  }

  /** Leaves only the group that begins with `own`. The installer removes the files of those that are long past. */
  async beginAnew(own: Candidate): Promise<void> {
    const begun = temporaryIn(path.dirname(this.#file))
    await writeFile(begun, VERSION_LINE + beginningOf(own), { mode: 0o600 })
    await rename(begun, this.#file)
  }

  /** Whether there is word of a crash of the group, to be told once its time is over. */
  async hasWord(): Promise<boolean> {
    return (await stat(suppressedFile(this.#file)).catch(orIfMissing(null))) !== null
  }

  /** Of the group's last crash, to be told once its time is over. */
  async leave(notification: Notification): Promise<void> {
    const word = suppressedFile(this.#file)
    assertOurs(word, await readFile(word, 'utf8').catch(orIfMissing('')))
    await writeAtomic(word, encodeSuppressed({ notice: notification, rule: this.#rule }))
  }
}

async function textIn(handle: FileHandle): Promise<string> {
  const { size } = await handle.stat()
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, 0)
  return buffer.toString('utf8', 0, bytesRead)
}

function assertOurs(file: string, text: string): void {
  if (saysAnotherVersion(text)) throw anotherVersion(file)
}

function came({ time, id }: Occurred): GroupEntry {
  return { what: 'came', time, id }
}

function missingOf(crashes: readonly Occurred[], there: readonly GroupEntry[]): readonly Occurred[] {
  const known = new Set(there.map(({ id }) => id))
  return crashes.filter(({ id }) => !known.has(id))
}

/** The lines of a crash that is kept. */
function beginningOf({ core, ...own }: Candidate): string {
  const where = core === undefined ? '' : encodeEntry({ what: 'core', id: own.id, core })
  return encodeEntry(came(own)) + where
}
