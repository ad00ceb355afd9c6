import type { Logger } from 'pino'
import { messageOf } from '../crash/errors.ts'
import type { UntrustedDirectory } from '../durable/untrusted-directory.ts'
import { shownPath } from './core-file.ts'
import type { Sight } from './sight.ts'

const ALL = 0o777
const OWNER_ONLY = 0o700
const CONTAINER_DEPTH = 3

/**
 * Keeps directories such that a container can write its cores, as any user, and no other user of the node
 * reads them. The kubelet makes those of a `subPath` for root only. It mounts them one by one, so what is
 * above them can be closed.
 */
export async function setPermissions(sight: Sight, log: Logger): Promise<void> {
  const mode = modeFor(sight)
  if (mode === null) return
  try {
    await setMode(sight.directory, mode)
  } catch (cause) {
    // A share may not let root do it. Containers that run as root go on.
    const path = shownPath(sight.segments)
    log.warn({ path, mode: mode.toString(8), reason: messageOf(cause) }, 'permissions not set')
  }
}

/** `<namespace>/<pod>` is written to only where an old installation mounted it, which made nothing below. */
function modeFor({ kind, segments, ...sight }: Sight): number | null {
  const depth = segments.length
  if (kind === 'entered') return depth < 2 ? OWNER_ONLY : depth === CONTAINER_DEPTH ? ALL : null
  return kind === 'left' && depth === 2 && 'directories' in sight && sight.directories === 0 ? ALL : null
}

async function setMode(directory: UntrustedDirectory, wanted: number): Promise<void> {
  const mode = Number((await directory.statSelf()).mode) & ALL
  const isRight = wanted === ALL ? mode === ALL : (mode & ~wanted) === 0
  if (!isRight) await directory.chmod(wanted)
}
