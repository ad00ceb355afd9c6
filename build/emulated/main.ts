/** `npm run emulated`: whether the image for another architecture does what it is for, on this machine. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { ignoreClosedReader } from '../../crash/closed-reader.ts'
import { messageOf } from '../../crash/errors.ts'
import { VERSION } from '../../crash/version.ts'
import { readArchitectures } from '../architectures.ts'
import { archiveFile } from '../built-files.ts'
import { emulatorOf } from '../emulation.ts'
import { imagesIn } from '../image-files.ts'
import { writeRoot } from '../image-root.ts'
import { type Architecture, ownArchitecture } from '../node-binary.ts'
import { platformOf } from '../oci-archive.ts'
import { type EmulatedCrash, emulatedCrash } from './emulated-crash.ts'

const USAGE = `Usage: npm run emulated [-- --arch=ARCH] [--archive=FILE]

Takes the image for another architecture out of an archive and starts what is in it under an emulator (qemu-user): the
handler's --version, which has to say that its addon works there, --help of installer and webhook, and replay of the
core of a program that crashes under the emulator, of which the report has to name the functions.

  --arch=ARCH     (default: the other one)
  --archive=FILE  (default: what npm run image -- --arch=ARCH makes)
`
const OTHER: Architecture = ownArchitecture() === 'x64' ? 'arm64' : 'x64'

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      arch: { type: 'string', default: OTHER },
      archive: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) return void process.stdout.write(USAGE)
  const [architecture = OTHER] = readArchitectures(values.arch)
  const archive = values.archive ?? archiveFile([architecture])
  const scratch = await mkdtemp(path.join(tmpdir(), 'coredog-emulated-'))
  try {
    await tryImage(await readFile(archive), architecture, scratch)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function tryImage(archive: Buffer, architecture: Architecture, scratch: string): Promise<void> {
  const root = path.join(scratch, 'root')
  await writeRoot(root, await entriesFor(architecture, archive))
  const handler = await emulatedHandler(architecture, root)
  expect('--version', await handler('--version'), new RegExp(`^${VERSION}\ngzip by ISA-L `))
  for (const mode of ['installer', 'webhook'])
    expect(`${mode} --help`, await handler(mode, '--help'), new RegExp(`^Usage: coredog-handler ${mode} `))
  const folder = path.join(scratch, 'crash')
  await mkdir(folder)
  const crash = await emulatedCrash(architecture, folder)
  expect('replay', await replay(handler, crash, folder), /"settle"[\s\S]*"checkout"[\s\S]*"main"/)
}

async function entriesFor(architecture: Architecture, archive: Buffer) {
  const { os, architecture: name } = platformOf(architecture)
  const image = (await imagesIn(archive)).find(({ platform }) => platform === `${os}/${name}`)
  if (image === undefined) throw new Error(`Cannot try the image: the archive has none for ${os}/${name}`)
  return image.entries
}

type Handler = (...args: readonly string[]) => Promise<string>

/** With the libraries that are in the image. */
async function emulatedHandler(architecture: Architecture, root: string): Promise<Handler> {
  const emulator = emulatorOf(architecture)
  if (emulator === null)
    throw new Error(`Cannot try the image: no emulator for ${architecture}; Debian: qemu-user`)
  const program = path.join(root, 'app/coredog-handler')
  return async (...args) => (await execa(emulator, ['-L', root, program, ...args], LIMITS)).stdout
}

const LIMITS = { timeout: 120_000 }

/** Returns the report. */
async function replay(handler: Handler, crash: EmulatedCrash, folder: string): Promise<string> {
  const config = path.join(folder, 'coredog.yaml')
  const below = (name: string) => path.join(folder, name)
  await mkdir(below('store'))
  const paths = { log: below('handler.log'), state: below('state'), run: below('run') }
  await writeFile(
    config,
    JSON.stringify({ StorageConfig: { protocol: 'cfs', CFSMountPath: below('store') }, paths }),
  )
  await handler(`--config=${config}`, 'replay', `--sysroot=${crash.sysroot}`, crash.core)
  const stored = await readdir(below('store'), { recursive: true })
  const report = stored.find(file => file.endsWith('report.json'))
  return report === undefined
    ? `only ${stored.join(', ')}`
    : await readFile(path.join(below('store'), report), 'utf8')
}

function expect(what: string, said: string, expected: RegExp): void {
  if (!expected.test(said)) throw new Error(`${what}: it said not what was expected, but\n${said}`)
  process.stdout.write(`${what}: as it should be\n`)
}

ignoreClosedReader()
try {
  await main()
} catch (thrown) {
  process.stderr.write(`${thrown instanceof Error ? thrown.message : messageOf(thrown)}\n`)
  process.exitCode = 1
}
