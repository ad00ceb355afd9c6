import { constants, lstatSync, readFileSync, type Stats } from 'node:fs'
import path from 'node:path'
import { OperatorError } from '../../crash/errors.ts'
import { HANDLER_NAME } from '../../crash/our-pattern.ts'
import { codeOf } from '../../crash/system-error.ts'
import { decodeContainerNode } from '../../handoff/container-node.ts'
import { HOST_PATHS } from '../../handoff/host.ts'
import { RUN_FILES } from '../../handoff/run-folder.ts'

const SHOWN = path.posix.join(HOST_PATHS.runFolder, RUN_FILES.containerNode)
const MOST_BYTES = 4096

/**
 * Where the handler is that the installer of a node has placed there, by its word; `null`: the node has none. `root` is
 * that of the node. Throws where somebody else than root may have changed what is to be run.
 */
export function shownHandler(root: string): string | null {
  const shown = statsOf(root, SHOWN)
  if (shown === null) return null
  if (shown.size > MOST_BYTES) throw refused(SHOWN, 'is too long')
  const handler = decodeContainerNode(readFileSync(path.join(root, SHOWN), 'utf8'))?.handler ?? ''
  if (!isHandler(handler)) throw refused(SHOWN, 'names no handler')
  const stats = statsOf(root, handler)
  if (stats === null || (stats.mode & constants.S_IXUSR) === 0) throw refused(handler, 'cannot be run')
  return handler
}

function isHandler(file: string): boolean {
  const isWhole = path.posix.isAbsolute(file) && path.posix.normalize(file) === file
  return isWhole && path.posix.basename(file) === HANDLER_NAME
}

/**
 * Each folder on the way is looked at: a link would lead out of the node, to a file of the machine. `null`: it is not
 * there.
 */
function statsOf(root: string, file: string): Stats | null {
  const names = file.split('/').filter(Boolean)
  const way = ['/', ...names.map((_, at) => `/${names.slice(0, at + 1).join('/')}`)]
  let found: Stats | null = null
  for (const at of way) {
    try {
      // Not joined: of `/` the slash at its end leads to the folder behind a descriptor.
      found = lstatSync(`${root}${at}`)
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT') return null
      throw cause
    }
    if (at === way.at(-1) ? !found.isFile() : !found.isDirectory()) throw refused(at, 'is a link, or special')
    if (found.uid !== 0 || (found.mode & 0o022) !== 0) throw refused(at, "is not root's alone")
  }
  return found
}

function refused(file: string, why: string): OperatorError {
  return new OperatorError(
    `Cannot hand the crash to the handler of its node: "${file}" there ${why}`,
    'Look into the log of the installer on that node, and restart it.',
  )
}
