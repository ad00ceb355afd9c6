import { copyFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { ignoreClosedReader } from '../crash/closed-reader.ts'
import { messageOf } from '../crash/errors.ts'
import { ADDON_ASSET } from './addon-asset.ts'
import { readArchitecture } from './architectures.ts'
import { type BuiltFiles, builtFiles } from './built-files.ts'
import { bundle, ROOT } from './bundle.ts'
import { starterFor } from './emulation.ts'
import { bundleKubectlCoredog, makeKubectlCoredog, sizeOf } from './kubectl-coredog.ts'
import { type Architecture, ownArchitecture } from './node-binary.ts'
import { makeSingleExecutable } from './single-executable.ts'

const USAGE = `Usage: npm run build [-- --arch=x64|arm64]

Makes dist/coredog-handler (for another architecture than this machine's: dist/<arch>/coredog-handler),
which is handler, installer, webhook and api, and dist/coredog-installer.js and dist/coredog-webhook.js, which start it so;
dist/kubectl-coredog (dist/<arch>/kubectl-coredog), and the same for any machine with Node: dist/kubectl-coredog.js.
`

async function main(): Promise<void> {
  const architecture = wished()
  if (architecture === 'help') return void process.stdout.write(USAGE)
  await buildHandler(architecture)
  await buildEntries()
  await bundleKubectlCoredog()
  const made = await makeKubectlCoredog(architecture)
  await tryIt(made, architecture)
  process.stdout.write(`${await sizeOf(made)}\n`)
}

function wished(): Architecture | 'help' {
  try {
    const { values } = parseArgs({ options: { arch: { type: 'string' }, help: { type: 'boolean' } } })
    return values.help === true ? 'help' : readArchitecture(values.arch ?? ownArchitecture())
  } catch (thrown) {
    process.stderr.write(`${messageOf(thrown)}\n`)
    process.exit(1)
  }
}

async function buildHandler(architecture: Architecture): Promise<void> {
  const built = builtFiles(architecture)
  const { handler, scripts } = built
  await mkdir(path.dirname(handler), { recursive: true })
  // Made aside and renamed: the kernel may be running the old one just now.
  await makeSingleExecutable(`${handler}.new`, scripts, architecture)
  await tryIt(`${handler}.new`, architecture)
  await rename(`${handler}.new`, handler)
  await putAddonBeside(built)
  process.stdout.write(`${await sizeOf(handler)}\n`)
}

/** Where it can be started. */
async function tryIt(made: string, architecture: Architecture): Promise<void> {
  const start = await starterFor(architecture, await readFile(made))
  if ('lacks' in start) return
  const [program = '', ...args] = [...start, made, '--version']
  await execa(program, args)
}

async function putAddonBeside({ scripts, addon }: BuiltFiles): Promise<void> {
  const made = path.join(scripts, ADDON_ASSET)
  if ((await stat(made)).size === 0) return rm(addon, { force: true })
  await copyFile(made, `${addon}.new`)
  await rename(`${addon}.new`, addon)
}

/** Older manifests and scripts know the two modes by these names. */
async function buildEntries(): Promise<void> {
  for (const mode of ['installer', 'webhook'])
    await bundle('build/mode-entry.js', path.join(ROOT, `dist/coredog-${mode}.js`), { target: 'node18' })
  // The bundles are CommonJS, and the package around them is not.
  await writeFile(path.join(ROOT, 'dist/package.json'), '{ "type": "commonjs" }\n')
}

ignoreClosedReader()
await main()
