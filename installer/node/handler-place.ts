import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises'
import path from 'node:path'
import { messageOf, OperatorError } from '../../crash/errors.ts'
import { ADDON_NAME, HANDLER_NAME } from '../../crash/our-pattern.ts'
import { codeOf, insteadOf } from '../../crash/system-error.ts'
import { copyDurably, LEFTOVER, syncFolder } from './durable-copy.ts'
import type { Node } from './node.ts'
import { whyItDoesNotRun } from './why-not-run.ts'

/**
 * Where a node may let us put a program, the usual one first: Flatcar has /opt/bin; Container-Optimized OS
 * lets programs run in /home/kubernetes/bin only; Talos can write nothing but /var.
 */
export const INSTALL_DIRECTORIES = [
  '/usr/local/bin',
  '/opt/bin',
  '/opt/coredog/bin',
  '/home/kubernetes/bin',
  '/var/lib/coredog/bin',
] as const

/**
 * Puts the program `source` into the first of `directories` (on the node) where it can be written and
 * started, and returns its path there. It gets its name only after it ran under another one: what has the
 * name can be started. A handler that runs from there keeps its file: a rename replaces the name, not the
 * file.
 */
export async function placeHandler(
  node: Node,
  source: string,
  directories: readonly string[],
): Promise<string> {
  const refusals: Refusal[] = []
  for (const directory of directories) {
    const refusal = await tryPlace(node, source, directory)
    if (refusal === null) return path.posix.join(directory, HANDLER_NAME)
    node.log.info({ directory, reason: refusal.cause }, 'directory passed over')
    refusals.push(refusal)
    await removeEmpty(node, directory).catch(ignoreUntouched)
  }
  throw nowhere(refusals)
}

interface Refusal {
  readonly directory: string
  readonly cause: string
  readonly hint: string
}

async function tryPlace(node: Node, source: string, directory: string): Promise<Refusal | null> {
  const temporary = path.posix.join(directory, `${LEFTOVER}${randomBytes(6).toString('hex')}`)
  try {
    if (isOurs(directory)) await mkdir(node.host.path(directory), { recursive: true, mode: 0o755 })
    await removeLeftovers(node, directory)
    await copyDurably(source, node.host.path(temporary))
    const problem = await whyItDoesNotRun(node, temporary)
    if (problem !== null) return { directory, ...problem }
    await rename(node.host.path(temporary), node.host.path(path.posix.join(directory, HANDLER_NAME)))
    await syncFolder(node.host.path(directory))
    return null
  } catch (error) {
    return { directory, ...whyNotWritten(error) }
  } finally {
    await rm(node.host.path(temporary), { force: true }).catch(() => undefined)
  }
}

/** Only what carries our name is made and removed: a missing /opt/bin is none that this node wants. */
function isOurs(directory: string): boolean {
  return directory.split('/').includes('coredog')
}

/** What a killed installer left half-written. */
async function removeLeftovers(node: Node, directory: string): Promise<void> {
  const folder = node.host.path(directory)
  for (const name of await readdir(folder)) {
    if (name.startsWith(LEFTOVER)) await rm(path.join(folder, name), { force: true })
  }
}

/**
 * Takes the handler and its addon out of `directory`, and the directory away if we made it. A handler that
 * runs goes on. It goes last: by it another round finds what is left.
 */
export async function removeHandler(node: Node, directory: string): Promise<void> {
  const folder = node.host.path(directory)
  try {
    await removeLeftovers(node, directory)
    await rm(path.join(folder, ADDON_NAME), { force: true })
    await rm(path.join(folder, HANDLER_NAME), { force: true })
    await removeEmpty(node, directory)
  } catch (error) {
    ignoreUntouched(error)
  }
}

/** Where nothing can be written, nothing of ours was. */
const ignoreUntouched = insteadOf(['ENOENT', 'ENOTDIR', 'EROFS'], undefined)

/** /opt/coredog/bin, then /opt/coredog; not /opt. */
async function removeEmpty({ host }: Node, directory: string): Promise<void> {
  for (let at = directory; isOurs(at); at = path.posix.dirname(at)) {
    if ((await readdir(host.path(at))).length > 0) return
    await rmdir(host.path(at))
  }
}

function whyNotWritten(error: unknown): Omit<Refusal, 'directory'> {
  const hint = 'Name a directory that can be written with --install-dir.'
  return { cause: CAUSES[codeOf(error)] ?? messageOf(error), hint }
}

const CAUSES: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there',
  ENOTDIR: 'it is no directory',
  EROFS: 'it is read-only',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  ENOSPC: 'its file system is full',
  EDQUOT: 'its quota is used up',
}

/** The hint of the last that could be written counts: the others were no places at all. */
function nowhere(refusals: readonly Refusal[]): OperatorError {
  const reasons = refusals.map(({ directory, cause }) => `${directory}: ${cause}`).join('; ')
  const telling = refusals.findLast(({ cause }) => !Object.values(CAUSES).includes(cause)) ?? refusals.at(-1)
  return new OperatorError(
    `Cannot install the handler in any directory (${reasons})`,
    telling?.hint ?? 'Name a directory with --install-dir.',
  )
}
