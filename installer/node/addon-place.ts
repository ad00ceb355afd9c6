import { randomBytes } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { messageOf } from '../../crash/errors.ts'
import { ADDON_NAME } from '../../crash/our-pattern.ts'
import { copyDurably, LEFTOVER, syncFolder } from './durable-copy.ts'
import type { Node } from './node.ts'

/**
 * Puts the addon that is beside `handlerFile` into `directory` (on the node), beside the handler there, by
 * rename: one that is loaded keeps its file. Handlers do without it, so a node that cannot have it is well.
 */
export async function placeAddon(
  { host, log }: Pick<Node, 'host' | 'log'>,
  handlerFile: string,
  directory: string,
): Promise<void> {
  const folder = host.path(directory)
  const temporary = path.join(folder, `${LEFTOVER}${randomBytes(6).toString('hex')}`)
  try {
    await copyDurably(path.join(path.dirname(handlerFile), ADDON_NAME), temporary)
    await rename(temporary, path.join(folder, ADDON_NAME))
    await syncFolder(folder)
    log.info({ directory }, 'addon placed')
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    log.warn({ directory, reason: messageOf(error) }, 'addon not placed')
  }
}
