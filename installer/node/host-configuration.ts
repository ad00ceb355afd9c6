import { createHash } from 'node:crypto'
import { chmod, mkdir, readdir, readlink, rm } from 'node:fs/promises'
import path from 'node:path'
import { AUTHORITIES_FILE } from '../../config/authorities.ts'
import {
  CONFIG_FILE,
  type ConfigTexts,
  readConfigTexts,
  SECRETS_FILE,
  VERSION_LINK,
} from '../../config/read-config.ts'
import { messageOf, OperatorError } from '../../crash/errors.ts'
import { insteadOf } from '../../crash/system-error.ts'
import { linkAtomic, writeAtomic } from '../../durable/atomic-file.ts'

const VERSION_PREFIX = '..version-'

/**
 * Puts a configuration into `folder` of the node, all files or none, whenever we are killed: a crash must
 * never meet a new endpoint with an old password, nor one chat with the signing secret of another.
 *
 * A rename replaces one file, so what is replaced is one link, as kubelets do:
 *
 *     coredog.yaml -> ..data/coredog.yaml      ..data -> ..version-4f5c…      ..version-4f5c…/coredog.yaml
 *
 * The version before stays, for a handler that has followed the link and not read the files yet.
 */
export async function installConfiguration(folder: string, texts: ConfigTexts): Promise<void> {
  try {
    const version = `${VERSION_PREFIX}${versionOf(texts)}`
    if (await isInstalled(folder, version, texts)) return
    await writeVersion(path.join(folder, version), texts)
    const before = await targetOf(path.join(folder, VERSION_LINK))
    await linkAtomic(path.join(folder, VERSION_LINK), version)
    await linkFiles(folder, texts)
    await removeOthers(folder, [version, before])
  } catch (cause) {
    throw new OperatorError(
      `Cannot write the configuration to "${folder}" of the node: ${messageOf(cause)}`,
      "See that the node's root is mounted writable into the installer, and that its disk is not full.",
      cause,
    )
  }
}

/** Names what all texts say. */
export function versionOf({ text, secrets, authorities }: ConfigTexts): string {
  return createHash('sha256')
    .update(JSON.stringify([text, secrets, ...(authorities === undefined ? [] : [authorities])]))
    .digest('hex')
    .slice(0, 16)
}

async function isInstalled(folder: string, version: string, wanted: ConfigTexts): Promise<boolean> {
  const file = path.join(folder, CONFIG_FILE)
  if ((await targetOf(path.join(folder, VERSION_LINK))) !== version) return false
  if ((await targetOf(file)) !== `${VERSION_LINK}/${CONFIG_FILE}`) return false
  for (const [name, text] of optionalFiles(wanted)) {
    const wantedLink = text === null ? null : `${VERSION_LINK}/${name}`
    if ((await targetOf(path.join(folder, name))) !== wantedLink) return false
  }
  const there = await readConfigTexts(file).catch(isUnreadable)
  return there !== null && versionOf(there) === versionOf(wanted)
}

/** Whatever is wrong with what is there: it is written again. */
function isUnreadable(): null {
  return null
}

/** Beside the one that is always there. */
function optionalFiles({ secrets, authorities }: ConfigTexts): readonly (readonly [string, string | null])[] {
  return [
    [SECRETS_FILE, secrets],
    [AUTHORITIES_FILE, authorities ?? null],
  ]
}

async function writeVersion(folder: string, texts: ConfigTexts): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chmod(path.dirname(folder), 0o700)
  await writeAtomic(path.join(folder, CONFIG_FILE), texts.text)
  for (const [name, text] of optionalFiles(texts)) {
    if (text !== null) await writeAtomic(path.join(folder, name), text)
  }
}

/**
 * The names that the handler, and people, know. They change only when there are secrets, or none any more.
 */
async function linkFiles(folder: string, texts: ConfigTexts): Promise<void> {
  for (const [name, text] of optionalFiles(texts)) {
    const file = path.join(folder, name)
    if (text === null) await rm(file, { force: true })
    else await linkAtomic(file, `${VERSION_LINK}/${name}`)
  }
  await linkAtomic(path.join(folder, CONFIG_FILE), `${VERSION_LINK}/${CONFIG_FILE}`)
}

/** Older versions, and what a kill has left. */
async function removeOthers(folder: string, kept: readonly (string | null)[]): Promise<void> {
  const names = await readdir(folder)
  const ours = names.filter(name => name.startsWith(VERSION_PREFIX) || /^\.coredog-.*\.new$/.test(name))
  for (const name of ours) {
    if (!kept.includes(name)) await rm(path.join(folder, name), { recursive: true, force: true })
  }
}

/** `null`: it is no link. */
async function targetOf(link: string): Promise<string | null> {
  return readlink(link).catch(insteadOf(['ENOENT', 'EINVAL'], null))
}
