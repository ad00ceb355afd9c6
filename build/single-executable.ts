import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import sea from '@yao-pkg/pkg/lib-es5/sea.js'
import { readElfHeader } from '../crash/elf.ts'
import { ADDON_ASSET } from './addon-asset.ts'
import { bundle, ROOT } from './bundle.ts'
import { makeCodeCaches, makeNoCodeCaches } from './code-caches.ts'
import { bundleHandlerScripts, SCRIPT_FILES, V8_FLAGS } from './handler-scripts.ts'
import { type Architecture, CACHE, nodeBinary, ownArchitecture } from './node-binary.ts'
import { placeAddon } from './placed-addon.ts'

/** Makes one file of the handler's scripts and the official Node binary that npm brings. */
export async function makeSingleExecutable(output: string, architecture: Architecture): Promise<void> {
  const folder = path.join(ROOT, 'dist/handler')
  await bundleHandlerScripts(folder)
  await placeAddon(folder, architecture)
  // What V8 compiles is for the machine that it runs on.
  await (architecture === ownArchitecture() ? makeCodeCaches : makeNoCodeCaches)(folder)
  await bundle('handler/single-executable.ts', path.join(folder, 'start.cjs'))
  await inject(folder, output, architecture)
  await assertInjected(output)
  await assertBuiltFor(output, architecture)
}

const ASSETS = ['start.cjs', ADDON_ASSET, ...SCRIPT_FILES]

async function inject(folder: string, output: string, architecture: Architecture): Promise<void> {
  await mkdir(CACHE, { recursive: true })
  // pkg injects with `npx postject` from a folder it makes under TMPDIR; npx finds our own postject only
  // from a folder inside the project, and asks the network otherwise.
  process.env.TMPDIR = CACHE
  await sea.default(path.join(folder, 'start.cjs'), {
    targets: [{ platform: 'linux', arch: architecture, nodeRange: 'node24', output }],
    nodePath: await nodeBinary(architecture),
    seaConfig: {
      assets: Object.fromEntries(ASSETS.map(file => [file, path.join(folder, file)])),
      execArgv: V8_FLAGS,
      disableExperimentalSEAWarning: true,
    },
  })
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
