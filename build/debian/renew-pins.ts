import { readFile } from 'node:fs/promises'
import { OperatorError } from '../../crash/errors.ts'
import type { Architecture } from '../node-binary.ts'
import { Apt } from './apt.ts'
import { type PinnedPackage, type Pins, readPins, writePins } from './pins.ts'

/** Pins the packages as Debian offers them today. Returns the pins. */
export async function renewPins(): Promise<Pins> {
  const { suite, packages } = await readPins()
  await assertHasSources(suite)
  const pins = {
    suite,
    renewed: new Date().toISOString().slice(0, 'YYYY-MM-DD'.length),
    packages: { x64: await newest('x64', packages.x64), arm64: await newest('arm64', packages.arm64) },
  }
  await writePins(pins)
  return pins
}

async function newest(
  architecture: Architecture,
  pinned: readonly PinnedPackage[],
): Promise<PinnedPackage[]> {
  await using apt = await Apt.for(architecture)
  return await Promise.all(pinned.map(({ name }) => newestOf(apt, name)))
}

async function newestOf(apt: Apt, name: string): Promise<PinnedPackage> {
  const offered = await apt.offered(name)
  if (offered === null) throw new Error(`Cannot pin ${name}: the sources of this machine's apt have none`)
  return offered
}

/** Those of another release have the same names. */
async function assertHasSources(suite: string): Promise<void> {
  const system = await readFile('/etc/os-release', 'utf8').catch(() => '')
  if (system.includes(`VERSION_CODENAME=${suite}\n`)) return
  throw new OperatorError(
    `Cannot renew the pins: this machine is not Debian's ${suite}`,
    'Run it in a container of node:24-bookworm.',
  )
}
