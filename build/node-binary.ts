import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ROOT } from './bundle.ts'
import { officialNode } from './official-node.ts'
import { withoutSymbols } from './without-symbols.ts'

export type Architecture = 'x64' | 'arm64'

/** What is made on the way and may be removed at any time. */
export const CACHE = path.join(ROOT, 'node_modules/.cache/coredog')

/** The architecture of this machine, as npm calls it. */
export function ownArchitecture(): Architecture {
  if (process.arch !== 'x64' && process.arch !== 'arm64')
    throw new Error(`Cannot build on ${process.arch}: CoreDog runs on x64 and arm64`)
  return process.arch
}

/** The official Node that npm brings, made smaller by its symbols and debug information, a seventh of it. */
export async function nodeBinary(architecture: Architecture): Promise<string> {
  const official = await readFile(path.join(await officialNode(architecture), 'bin/node'))
  const file = path.join(CACHE, `node-${architecture}`)
  await mkdir(CACHE, { recursive: true })
  // Made aside and renamed: another build may be reading it.
  await writeFile(`${file}.${process.pid}`, withoutSymbols(official), { mode: 0o755 })
  await rename(`${file}.${process.pid}`, file)
  return file
}
