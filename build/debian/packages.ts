import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { OperatorError } from '../../crash/errors.ts'
import { digestOf } from '../image-layer.ts'
import { type Architecture, CACHE } from '../node-binary.ts'
import { Apt } from './apt.ts'
import { type PinnedPackage, type Pins, readPins } from './pins.ts'

const FOLDER = path.join(CACHE, 'debian')

/** The pinned packages, as files. Fetches those that are not there. */
export async function fetchPackages(architecture: Architecture): Promise<string[]> {
  const pins = await readPins()
  const wanted = pins.packages[architecture]
  const missing = wanted.filter(each => !existsSync(fileOf(each)))
  if (missing.length > 0) await fetch(missing, architecture, pins)
  return await Promise.all(wanted.map(assertPinned))
}

/** By what is in it: other pins are other files. */
function fileOf({ name, sha256 }: PinnedPackage): string {
  return path.join(FOLDER, `${name}-${sha256}.deb`)
}

async function assertPinned(wanted: PinnedPackage): Promise<string> {
  const file = fileOf(wanted)
  if (digestOf(await readFile(file)) === `sha256:${wanted.sha256}`) return file
  throw new Error(`Cannot use "${file}": it is not what its name says`)
}

async function fetch(
  missing: readonly PinnedPackage[],
  architecture: Architecture,
  pins: Pins,
): Promise<void> {
  await mkdir(FOLDER, { recursive: true })
  const scratch = await mkdtemp(path.join(FOLDER, 'fetched-'))
  try {
    const apt = await Apt.for(architecture)
    for (const wanted of missing) await fetchOne(apt, wanted, scratch, pins)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function fetchOne(apt: Apt, wanted: PinnedPackage, scratch: string, pins: Pins): Promise<void> {
  if ((await apt.offered(wanted.name, wanted.version)) === null) throw noLongerOffered(wanted, pins)
  const folder = await mkdtemp(path.join(scratch, 'one-'))
  await apt.download(wanted, folder)
  const [name = ''] = await readdir(folder)
  const fetched = path.join(folder, name)
  const digest = digestOf(await readFile(fetched))
  if (digest !== `sha256:${wanted.sha256}`)
    throw new Error(
      `Cannot use ${wanted.name} ${wanted.version}: it is ${digest}, not the one that is pinned`,
    )
  await rename(fetched, fileOf(wanted))
}

function noLongerOffered({ name, version }: PinnedPackage, { suite, renewed }: Pins): OperatorError {
  const day = `${renewed.replaceAll('-', '')}T235959Z`
  return new OperatorError(
    `Cannot fetch ${name} ${version}: the sources of this machine's apt do not offer it`,
    `If Debian has a newer one, pin that: npm run image -- --renew-pins. To make the image as it was, give apt the \
source "deb [check-valid-until=no] http://snapshot.debian.org/archive/debian/${day} ${suite} main". \
Without Debian's apt: --libraries=machine, which is not reproducible.`,
  )
}
