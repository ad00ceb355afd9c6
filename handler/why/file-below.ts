import type { Stats } from 'node:fs'
import type { UntrustedDirectory } from '../../durable/untrusted-directory.ts'
import type { OpenFile, Proc } from '../identity/proc.ts'

/** The kernel's paths have no `..` and no links in them; those that a process writes may have anything. */
const MOST_SEGMENTS = 64
const [NAMELESS, ...DOTS] = ['', '.', '..']

/**
 * The regular file at the absolute `path` below `root`, which may be a tenant's: no link of theirs leads out of it,
 * for none is followed. `null`: there is none, or `isWanted` has something against it.
 */
export async function openBelow(
  root: UntrustedDirectory,
  path: string,
  proc: Pick<Proc, 'open'>,
  isWanted: (stats: Stats) => boolean = () => true,
): Promise<OpenFile | null> {
  const [before, ...segments] = Buffer.from(path).toString('latin1').split('/')
  if (before !== NAMELESS || segments.length > MOST_SEGMENTS || segments.some(isOdd)) return null
  await using folder = await root.descend(segments.slice(0, -1))
  await using file = (await folder?.openFile(segments.at(-1) ?? '')) ?? null
  if (file === null || !isWanted(await file.stat())) return null
  // Once more: it goes to another thread, and this one is closed here.
  return await proc.open(`/proc/self/fd/${file.fd}`)
}

function isOdd(segment: string): boolean {
  return segment === NAMELESS || DOTS.includes(segment)
}
