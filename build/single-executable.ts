import { mkdir, readFile } from 'node:fs/promises'
import sea from '@yao-pkg/pkg/lib-es5/sea.js'
import { readElfHeader } from '../crash/elf.ts'
import { type Architecture, CACHE, nodeBinary, ownArchitecture } from './node-binary.ts'

/** Makes one file of the bundle and the official Node binary that npm brings. */
export async function makeSingleExecutable(
  bundled: string,
  output: string,
  architecture: Architecture,
): Promise<void> {
  await mkdir(CACHE, { recursive: true })
  // pkg injects with `npx postject` from a folder it makes under TMPDIR; npx finds our own postject only
  // from a folder inside the project, and asks the network otherwise.
  process.env.TMPDIR = CACHE
  await sea.default(bundled, {
    targets: [{ platform: 'linux', arch: architecture, nodeRange: 'node24', output }],
    nodePath: await nodeBinary(architecture),
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
