import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { OperatorError } from '../../crash/errors.ts'
import type { Node } from './node.ts'
import { whyItDoesNotRun } from './why-not-run.ts'

/** A handler that is on the node. */
export interface InstalledHandler {
  /** On the node. */
  readonly path: string
  readonly sha256: string
  /** Why it cannot be started there; absent: it was started, and answered. */
  readonly problem?: string
}

/** What is at `path`; `null`: no file. */
export type InspectHandler = (path: string) => Promise<InstalledHandler | null>

/**
 * Looks at handlers, and tries each once: as long as a file is the same, it is neither read nor started
 * again. (A handler has 100 MB, and we look every ten seconds.)
 */
export function inspectHandlers(node: Node): InspectHandler {
  const known = new Map<string, InstalledHandler>()
  return async path => {
    const found = await stat(node.host.path(path), { bigint: true }).catch(() => null)
    if (found === null || !found.isFile()) return null
    const key = [path, found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(' ')
    const handler = known.get(key) ?? (await inspect(node, path))
    known.set(key, handler)
    return handler
  }
}

async function inspect(node: Node, path: string): Promise<InstalledHandler> {
  const sha256 = await sha256Of(node.host.path(path))
  const problem = await whyItDoesNotRun(node, path)
  return { path, sha256, ...(problem !== null && { problem: problem.cause }) }
}

/** In hexadecimal. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    await pipeline(createReadStream(file), hash)
  } catch (cause) {
    throw new OperatorError(
      `Cannot read the handler "${file}"`,
      'Give the path of coredog-handler with --handler.',
      cause,
    )
  }
  return hash.digest('hex')
}
