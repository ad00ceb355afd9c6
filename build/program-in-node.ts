import { chmod, copyFile, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { execa } from 'execa'
import { readElfHeader } from '../crash/elf.ts'
import { type Architecture, nodeBinary, ownArchitecture } from './node-binary.ts'

/** What Node is to run when it is called, of files in one folder. */
export interface Program {
  readonly folder: string
  /** CommonJS. */
  readonly main: string
  readonly assets: readonly string[]
  readonly nodeOptions: readonly string[]
}

/** Makes one file, `output`, of the program and the official Node binary that npm brings. */
export async function putIntoNode(
  program: Program,
  output: string,
  architecture: Architecture,
): Promise<void> {
  await copyFile(await nodeBinary(architecture), output)
  await chmod(output, 0o755)
  await inject(program, output)
  await assertBuiltFor(output, architecture)
}

const SETTINGS = 'sea-config.json'
const PREPARED = 'sea-prep.blob'
/** Node looks for its program if this is followed by a 1. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

/** Puts the files into the Node `output`. It names them as they are named here: without the folder. */
async function inject({ folder, main, assets, nodeOptions }: Program, output: string): Promise<void> {
  const settings = {
    ...{ main, output: PREPARED, execArgv: nodeOptions },
    assets: Object.fromEntries(assets.map(file => [file, file])),
    disableExperimentalSEAWarning: true,
  }
  const node = await nodeBinary(ownArchitecture())
  const postject = createRequire(import.meta.url).resolve('postject/dist/cli.js')
  try {
    await writeFile(path.join(folder, SETTINGS), JSON.stringify(settings))
    await execa(node, ['--experimental-sea-config', SETTINGS], { cwd: folder })
    await execa(node, [postject, output, 'NODE_SEA_BLOB', PREPARED, '--sentinel-fuse', FUSE], { cwd: folder })
  } finally {
    await Promise.all([SETTINGS, PREPARED].map(name => rm(path.join(folder, name), { force: true })))
  }
}

// e_machine, elf(5).
const MACHINES: Record<Architecture, number> = { x64: 62, arm64: 183 }

/** That it is one program with what was put into it, which the tools that make it do not look at. */
async function assertBuiltFor(output: string, architecture: Architecture): Promise<void> {
  const program = await readFile(output)
  if (!program.includes(`${FUSE}:1`))
    throw new Error(`Cannot build "${output}": the program was not put into it`)
  const machine = readElfHeader(program)?.machine
  if (machine === MACHINES[architecture]) return
  throw new Error(`Cannot build "${output}": it is for machine ${machine}, not ${architecture}`)
}
