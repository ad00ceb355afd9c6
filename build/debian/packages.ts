import { mkdtemp, readdir, readFile, rename } from 'node:fs/promises'
import path from 'node:path'
import { OperatorError } from '../../crash/errors.ts'
import { digestOf } from '../image-layer.ts'
import { type Architecture, CACHE } from '../node-binary.ts'
import { ScratchFolder } from '../scratch-folder.ts'
import { Apt } from './apt.ts'
import { type PinnedPackage, type Pins, readPins } from './pins.ts'

const FOLDER = path.join(CACHE, 'debian')

/** The pinned packages, as files in `folder`. Fetches those that are not there, or damaged. */
export async function fetchPackages(
  architecture: Architecture,
  pins?: Pins,
  folder: string = FOLDER,
): Promise<string[]> {
  const known = pins ?? (await readPins())
  const wanted = known.packages[architecture]
  const are = await Promise.all(wanted.map(async each => await isPinned(each, fileOf(each, folder))))
  const missing = wanted.filter((_, index) => !are[index])
  if (missing.length > 0) await fetch(missing, architecture, known, folder)
  return wanted.map(each => fileOf(each, folder))
}

/** By what is in it: other pins are other files. */
function fileOf({ name, sha256 }: PinnedPackage, folder: string): string {
  return path.join(folder, `${name}-${sha256}.deb`)
}

async function isPinned({ sha256 }: PinnedPackage, file: string): Promise<boolean> {
  const content = await readFile(file).catch(() => null)
  return content !== null && digestOf(content) === `sha256:${sha256}`
}

async function fetch(
  missing: readonly PinnedPackage[],
  architecture: Architecture,
  pins: Pins,
  folder: string,
): Promise<void> {
  await using scratch = await ScratchFolder.in(folder, 'fetched')
  await using apt = await Apt.for(architecture)
  for (const wanted of missing)
    await rename(await fetchOne(apt, wanted, scratch.folder, pins), fileOf(wanted, folder))
}

async function fetchOne(apt: Apt, wanted: PinnedPackage, scratch: string, pins: Pins): Promise<string> {
  if ((await apt.offered(wanted.name, wanted.version)) === null) throw noLongerOffered(wanted, pins)
  const folder = await mkdtemp(path.join(scratch, 'one-'))
  await apt.download(wanted, folder)
  const [name = ''] = await readdir(folder)
  const fetched = path.join(folder, name)
  if (await isPinned(wanted, fetched)) return fetched
  const digest = digestOf(await readFile(fetched))
  throw new Error(`Cannot use ${wanted.name} ${wanted.version}: it is ${digest}, not the one that is pinned`)
}

function noLongerOffered({ name, version }: PinnedPackage, { suite, renewed }: Pins): OperatorError {
  const day = `${renewed.replaceAll('-', '')}T235959Z`
  const source = (archive: string, distribution: string) =>
    `"deb [check-valid-until=no] http://snapshot.debian.org/archive/${archive}/${day} ${distribution} main"`
  return new OperatorError(
    `Cannot fetch ${name} ${version}: the sources of this machine's apt do not offer it`,
    `If Debian has a newer one, pin that: npm run image -- --renew-pins. To make the image as it was, give apt the \
sources ${source('debian', suite)} and ${source('debian-security', `${suite}-security`)}. \
Without Debian's apt: --libraries=machine, which is not reproducible.`,
  )
}
