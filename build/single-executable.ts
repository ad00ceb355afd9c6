import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import sea from '@yao-pkg/pkg/lib-es5/sea.js'
import { execa } from 'execa'
import { readElfHeader } from '../crash/elf.ts'
import { ROOT } from './bundle.ts'

export type Architecture = 'x64' | 'arm64'

/** The architecture of this machine, as npm calls it. */
export function ownArchitecture(): Architecture {
  if (process.arch !== 'x64' && process.arch !== 'arm64')
    throw new Error(`Cannot build on ${process.arch}: CoreDog runs on x64 and arm64`)
  return process.arch
}

/** Makes one file of the bundle and the official Node binary that npm brings. */
export async function makeSingleExecutable(
  bundled: string,
  output: string,
  architecture: Architecture,
): Promise<void> {
  const cache = path.join(ROOT, 'node_modules/.cache/coredog')
  await mkdir(cache, { recursive: true })
  // pkg injects with `npx postject` from a folder it makes under TMPDIR; npx finds our own postject only
  // from a folder inside the project, and asks the network otherwise.
  process.env.TMPDIR = cache
  await sea.default(bundled, {
    targets: [{ platform: 'linux', arch: architecture, nodeRange: 'node24', output }],
    nodePath: await nodeBinary(architecture, cache),
    // V8's code cache is of the machine that made it.
    seaConfig: { useCodeCache: architecture === ownArchitecture(), disableExperimentalSEAWarning: true },
  })
  await assertInjected(output)
  await assertBuiltFor(output, architecture)
}

/** pkg says nothing when postject fails, and leaves a plain Node behind. */
async function assertInjected(output: string): Promise<void> {
  const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:1'
  if (!(await readFile(output)).includes(fuse))
    throw new Error(`Cannot build "${output}": the program was not put into it`)
}

// e_machine, elf(5).
const MACHINES: Record<Architecture, number> = { x64: 62, arm64: 183 }

async function assertBuiltFor(output: string, architecture: Architecture): Promise<void> {
  const machine = readElfHeader(await readFile(output))?.machine
  if (machine === MACHINES[architecture]) return
  throw new Error(`Cannot build "${output}": it is for machine ${machine}, not ${architecture}`)
}

/** npm installs only the Node of its own architecture; the other one is fetched into the cache. */
async function nodeBinary(architecture: Architecture, cache: string): Promise<string> {
  const name = `node-linux-${architecture}`
  if (architecture === ownArchitecture()) return path.join(ROOT, `node_modules/${name}/bin/node`)
  const { optionalDependencies } = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8'))
  const folder = path.join(cache, architecture)
  await execa('npm', [
    'install',
    '--no-save',
    '--ignore-scripts',
    '--force',
    `--cpu=${architecture}`,
    '--prefix',
    folder,
    `${name}@${optionalDependencies[name]}`,
  ])
  return path.join(folder, `node_modules/${name}/bin/node`)
}
