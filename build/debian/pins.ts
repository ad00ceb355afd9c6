import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Architecture } from '../node-binary.ts'

/** A package of Debian, as the image has it. */
export interface PinnedPackage {
  readonly name: string
  readonly version: string
  readonly sha256: string
}

export interface Pins {
  /** As Debian calls the release. */
  readonly suite: string
  /** When Debian offered these: snapshot.debian.org has them under that day. */
  readonly renewed: string
  readonly packages: Readonly<Record<Architecture, readonly PinnedPackage[]>>
}

const FILE = path.join(import.meta.dirname, 'packages.json')

export async function readPins(): Promise<Pins> {
  return JSON.parse(await readFile(FILE, 'utf8'))
}

export async function writePins(pins: Pins): Promise<void> {
  await writeFile(FILE, `${JSON.stringify(pins, null, 2)}\n`)
}
