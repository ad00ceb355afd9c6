import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { OperatorError } from '../../crash/errors.ts'
import { ADDON_NAME } from '../../crash/our-pattern.ts'
import { filePieces } from './file-pieces.ts'
import type { Node } from './node.ts'
import { whyItDoesNotRun } from './why-not-run.ts'

/** A handler that is on the node. */
export interface InstalledHandler {
  /** On the node. */
  readonly path: string
  readonly sha256: string
  /** Of the addon beside it; absent: there is none. */
  readonly addonSha256?: string
  /** Why it cannot be started there; absent: it was started, and answered. */
  readonly problem?: string
}

/** A handler that is to be on the node. */
export type Brought = Pick<InstalledHandler, 'sha256' | 'addonSha256'>

/** What is at `path`; `null`: no file. */
export type InspectHandler = (path: string) => Promise<InstalledHandler | null>

/**
 * Looks at handlers, and tries each once: as long as a file is the same, it is neither read nor started
 * again. (A handler has 100 MB, and we look every ten seconds.)
 */
export function inspectHandlers(node: Node): InspectHandler {
  const known = new Map<string, InstalledHandler>()
  return async file => {
    const found = await stat(node.host.path(file), { bigint: true }).catch(() => null)
    if (found === null || !found.isFile()) return null
    const key = [file, found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(' ')
    const handler = known.get(key) ?? (await inspect(node, file))
    known.set(key, handler)
    // A fraction of a megabyte, which may have been changed without the handler.
    const addonSha256 = await sha256OfAddonBeside(node.host.path(file))
    return { ...handler, ...(addonSha256 !== null && { addonSha256 }) }
  }
}

async function inspect(node: Node, file: string): Promise<InstalledHandler> {
  const sha256 = await sha256Of(node.host.path(file))
  const problem = await whyItDoesNotRun(node, file)
  return { path: file, sha256, ...(problem !== null && { problem: problem.cause }) }
}

/** What an installer brings: the handler `file`, and the addon beside it, if there is one. */
export async function broughtBy(file: string): Promise<Brought> {
  const addonSha256 = await sha256OfAddonBeside(file)
  return { sha256: await sha256Of(file), ...(addonSha256 !== null && { addonSha256 }) }
}

/** Of the addon beside the handler `file`; `null`: there is none. */
async function sha256OfAddonBeside(file: string): Promise<string | null> {
  const addon = path.join(path.dirname(file), ADDON_NAME)
  const found = await stat(addon).catch(() => null)
  return found?.isFile() === true ? sha256Of(addon) : null
}

/** In hexadecimal. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    for await (const piece of filePieces(file)) hash.update(piece)
  } catch (cause) {
    throw new OperatorError(
      `Cannot read the handler "${file}"`,
      'Give the path of coredog-handler with --handler.',
      cause,
    )
  }
  return hash.digest('hex')
}
