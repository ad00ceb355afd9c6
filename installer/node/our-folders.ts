import { readdir, readFile, rm, rmdir } from 'node:fs/promises'
import path from 'node:path'
import { orIfMissing } from '../../crash/system-error.ts'
import { LEFT_ALONE, LEFT_ALONE_HINT, saysAnotherVersion } from '../../handoff/format-version.ts'
import { ORIGINAL_SYSCTLS_FILE } from '../../handoff/original-sysctls.ts'
import { RUN_FILES } from '../../handoff/run-folder.ts'
import type { Node } from './node.ts'

/**
 * Crashes that no store has yet, and messages that nobody took. They are the pods' owners', not ours: they stay until
 * an installer stores and tells them or an operator removes them.
 */
const OWNED: Readonly<Record<string, string>> = {
  spool: 'crashes that were not stored stay on the node',
  outbox: 'messages that were not told stay on the node',
}

const OWNED_HINT = 'An installer that comes back to this node takes it up. If none will, remove the folder.'

/**
 * Takes our folders off the node, the original settings last of all. What was not stored or told yet stays in the
 * state folder, and the log says so.
 */
export async function removeFolders(node: Node): Promise<void> {
  const { host, places, log } = node
  const logFolder = path.posix.dirname(places.handlerLog)
  await removeHandoff(host.path(places.runFolder))
  for (const folder of [places.configFolder, places.runFolder, logFolder]) {
    await removeFolder(node, host.path(folder))
  }
  const left = await emptyState(host.path(places.stateFolder))
  for (const [name, what] of Object.entries(OWNED).filter(([name]) => left.includes(name))) {
    const folder = path.posix.join(places.stateFolder, name)
    const { length: entries } = await readdir(host.path(folder))
    log.warn({ folder, entries, hint: OWNED_HINT }, what)
  }
  if (left.includes(ORIGINAL_SYSCTLS_FILE))
    log.warn(
      { file: path.join(places.stateFolder, ORIGINAL_SYSCTLS_FILE), hint: LEFT_ALONE_HINT },
      LEFT_ALONE,
    )
}

/**
 * Takes what gives access to the store and the chats off a node that cannot be put back. The heartbeat stays,
 * by which a handler that is still started leaves by itself; and so do the original settings, which it needs
 * for that.
 */
export async function removeKeys(node: Node): Promise<void> {
  const { host, places } = node
  await removeFolder(node, host.path(places.configFolder))
  await rm(path.join(host.path(places.runFolder), RUN_FILES.credentials), { force: true })
}

/** Credentials among it: also where the operator chose the folder, which stays. */
async function removeHandoff(folder: string): Promise<void> {
  for (const name of Object.values(RUN_FILES)) await rm(path.join(folder, name), { force: true })
}

/** One that does not have our name was chosen by an operator, and may hold more than what is ours. */
async function removeFolder({ log }: Node, folder: string): Promise<void> {
  if (isOurs(folder)) return rm(folder, { recursive: true, force: true })
  log.info({ folder }, 'folder stays because it is not named coredog')
}

function isOurs(folder: string): boolean {
  return path.basename(folder) === 'coredog'
}

async function emptyState(folder: string): Promise<readonly string[]> {
  // See removeFolder: of a folder that the operator chose only what is surely ours goes.
  const names = isOurs(folder) ? await readdir(folder).catch(orIfMissing([])) : [ORIGINAL_SYSCTLS_FILE]
  const last = (name: string) => Number(name === ORIGINAL_SYSCTLS_FILE)
  const left: string[] = []
  for (const name of names.toSorted((a, b) => last(a) - last(b))) {
    if (await stays(path.join(folder, name))) left.push(name)
    else await rm(path.join(folder, name), { recursive: true, force: true })
  }
  if (left.length === 0 && isOurs(folder)) await rmdir(folder).catch(orIfMissing(undefined))
  return left
}

/** Crashes that no store has, and settings that only another release can put back. */
async function stays(file: string): Promise<boolean> {
  const name = path.basename(file)
  if (name !== ORIGINAL_SYSCTLS_FILE) return Object.hasOwn(OWNED, name) && holdsFiles(file)
  return saysAnotherVersion(await readFile(file, 'utf8').catch(orIfMissing('')))
}

async function holdsFiles(folder: string): Promise<boolean> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  // A process that is killed while writing leaves half a file behind. What it was to become is there beside
  // it, or was told already.
  return entries.some(entry => !entry.isDirectory() && !entry.name.endsWith('.new'))
}
