import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { DedupeConfig } from '../config/config.ts'

/** Whether a core is worth keeping: a crash loop makes the same one again and again. */
export type Admission =
  /** `suppressed`: how many crashes were counted, but not kept, since the last one that was. */
  { readonly keep: true; readonly suppressed: number } | { readonly keep: false; readonly since: Date }

/** Counts the crashes of one case. */
export interface Repeats {
  admit(what: readonly string[], now: Date): Promise<Admission>
  /** Begins the case anew: the next crash is its first. */
  forget(what: readonly string[]): Promise<void>
}

/** A crash in a case's file: `<RFC 3339 time> <id>`. */
interface Entry {
  readonly time: Date
  readonly id: string
}

/**
 * Keeps the first `keep` crashes of a case within `windowSeconds`, and counts the others. Handlers of
 * crashes that come at once need no lock: each appends a line to the case's file, which the kernel does
 * one after the other, and all read the same order from it.
 */
export function repeatsIn(folder: string, { windowSeconds, keep }: DedupeConfig): Repeats {
  return {
    async admit(what, now) {
      if (windowSeconds === 0) return { keep: true, suppressed: 0 }
      const file = fileOf(folder, what)
      const own = { time: now, id: randomBytes(8).toString('hex') }
      const entries = await enter(file, own)
      const admission = judge(entries, own.id, { windowSeconds, keep })
      if (admission.keep && isNewCase(entries, own, windowSeconds)) await startAnew(file, own, windowSeconds)
      return admission
    },
    async forget(what) {
      await rm(fileOf(folder, what), { force: true })
    },
  }
}

function fileOf(folder: string, what: readonly string[]): string {
  return path.join(folder, createHash('sha256').update(what.join('\0')).digest('hex').slice(0, 32))
}

/** What the entries up to `ownId` say. A case begins with a crash that no case holds, and lasts `windowSeconds`. */
export function judge(
  entries: readonly Entry[],
  ownId: string,
  { windowSeconds, keep }: Pick<DedupeConfig, 'windowSeconds' | 'keep'>,
): Admission {
  let since = new Date(0)
  let kept = 0
  let suppressed = 0
  for (const { time, id } of entries) {
    // In either direction: a clock that was set back must not make a case last until it has caught up.
    if (Math.abs(time.getTime() - since.getTime()) >= windowSeconds * 1000) {
      since = time
      kept = 0
    }
    const isKept = kept < keep
    if (id === ownId) return isKept ? { keep: true, suppressed } : { keep: false, since }
    suppressed = isKept ? 0 : suppressed + 1
    kept += isKept ? 1 : 0
  }
  return { keep: true, suppressed: 0 }
}

function isNewCase([first]: readonly Entry[], own: Entry, windowSeconds: number): boolean {
  return first !== undefined && own.time.getTime() - first.time.getTime() >= windowSeconds * 1000
}

/** Adds `own` and reads what is there by then; a line is far below what write(2) does in one piece. */
async function enter(file: string, own: Entry): Promise<Entry[]> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  await using handle = await open(file, 'a+', 0o600)
  await handle.appendFile(lineOf(own))
  const { size } = await handle.stat()
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, 0)
  return buffer.toString('latin1', 0, bytesRead).split('\n').flatMap(parseLine)
}

function lineOf({ time, id }: Entry): string {
  return `${time.toISOString()} ${id}\n`
}

/** A line that a kill cut short is nobody's. */
function parseLine(line: string): Entry[] {
  const [, time = '', id = ''] = /^(\S+) ([0-9a-f]{16})$/.exec(line) ?? []
  return Number.isNaN(Date.parse(time)) ? [] : [{ time: new Date(time), id }]
}

/** Leaves only the new case in its file, and no file of a case that is over. */
async function startAnew(file: string, own: Entry, windowSeconds: number): Promise<void> {
  await writeFile(`${file}.new`, lineOf(own), { mode: 0o600 })
  await rename(`${file}.new`, file)
  const folder = path.dirname(file)
  for (const name of await readdir(folder)) {
    const other = path.join(folder, name)
    const { mtimeMs } = await stat(other)
    if (own.time.getTime() - mtimeMs > 2 * windowSeconds * 1000) await rm(other, { force: true })
  }
}
