import { createHash } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { DedupeConfig } from '../config/config.ts'

/** Whether a core is worth keeping: a crash loop makes the same one again and again. */
export type Admission =
  /** `suppressed`: how many crashes were counted, but not kept, since the last one that was. */
  { readonly keep: true; readonly suppressed: number } | { readonly keep: false; readonly since: Date }

/** Counts the crashes of one case. */
export interface Repeats {
  /** Of one crash that is asked for again the answer is the same: it may have been killed on its way. */
  admit(what: readonly string[], crash: Occurred): Promise<Admission>
  /** Begins the case anew: the next crash is its first. */
  forget(what: readonly string[]): Promise<void>
}

/** A crash of a case; in the case's file a line `<RFC 3339 time> <id>`. */
export interface Occurred {
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
    async admit(what, own) {
      if (windowSeconds === 0) return { keep: true, suppressed: 0 }
      const file = fileOf(folder, what)
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
  entries: readonly Occurred[],
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

function isNewCase([first]: readonly Occurred[], own: Occurred, windowSeconds: number): boolean {
  return first !== undefined && own.time.getTime() - first.time.getTime() >= windowSeconds * 1000
}

/** Adds `own` and reads what is there by then; a line is far below what write(2) does in one piece. */
async function enter(file: string, own: Occurred): Promise<Occurred[]> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  await using handle = await open(file, 'a+', 0o600)
  await handle.appendFile(lineOf(own))
  const { size } = await handle.stat()
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, 0)
  return onceEach(buffer.toString('latin1', 0, bytesRead).split('\n').flatMap(parseLine))
}

function onceEach(entries: readonly Occurred[]): Occurred[] {
  const first = new Map(entries.toReversed().map(entry => [entry.id, entry]))
  return entries.filter(entry => first.get(entry.id) === entry)
}

function lineOf({ time, id }: Occurred): string {
  return `${time.toISOString()} ${id}\n`
}

/** A line that a kill cut short is nobody's. */
function parseLine(line: string): Occurred[] {
  const [, time = '', id = ''] = /^(\S+) ([0-9a-f]{12,32})$/.exec(line) ?? []
  return Number.isNaN(Date.parse(time)) ? [] : [{ time: new Date(time), id }]
}

/** Leaves only the new case in its file, and no file of a case that is over. */
async function startAnew(file: string, own: Occurred, windowSeconds: number): Promise<void> {
  await writeFile(`${file}.new`, lineOf(own), { mode: 0o600 })
  await rename(`${file}.new`, file)
  const folder = path.dirname(file)
  for (const name of await readdir(folder)) {
    const other = path.join(folder, name)
    const { mtimeMs } = await stat(other)
    if (own.time.getTime() - mtimeMs > 2 * windowSeconds * 1000) await rm(other, { force: true })
  }
}
