import type { UntrustedDirectory } from '../../durable/untrusted-directory.ts'
import type { OpenFile, Proc } from '../identity/proc.ts'

/** Opens a file of code by the path that the process had it mapped from; `null`: there is none. Never rejects. */
export type OpenCode = (path: string) => Promise<OpenFile | null>

/** Nothing is known of where its files are. */
export const NO_CODE: OpenCode = async () => null

/** The kernel's paths have no `..` and no links in them; those of a forged core may have anything. */
const MOST_SEGMENTS = 64
const [NAMELESS, ...DOTS] = ['', '.', '..']

/**
 * The files below `root`, which may be a tenant's: no link of theirs leads out of it, for none is followed, and
 * only regular files are opened.
 */
export function codeBelow(root: UntrustedDirectory, proc: Pick<Proc, 'open'>): OpenCode {
  return async path => {
    const [before, ...segments] = Buffer.from(path).toString('latin1').split('/')
    const isPlain = segments.length <= MOST_SEGMENTS && !segments.some(isOdd)
    return before === NAMELESS && isPlain ? await openBelow(root, segments, proc).catch(() => null) : null
  }
}

function isOdd(segment: string): boolean {
  return segment === NAMELESS || DOTS.includes(segment)
}

async function openBelow(
  root: UntrustedDirectory,
  segments: readonly string[],
  proc: Pick<Proc, 'open'>,
): Promise<OpenFile | null> {
  await using folder = await root.descend(segments.slice(0, -1))
  await using file = (await folder?.openFile(segments.at(-1) ?? '')) ?? null
  // Once more: it goes to another thread, and this one is closed here.
  return file === null ? null : await proc.open(`/proc/self/fd/${file.fd}`)
}
