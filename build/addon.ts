import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ExecaError, execa } from 'execa'
import { ADDON_SOURCES, addonFile } from '../handler/native/addon-code.ts'
import { assertRunsOnOldSystems } from './addon-needs.ts'
import { ROOT } from './bundle.ts'
import { inOneLine } from './failed-program.ts'
import { type Architecture, CACHE, ownArchitecture } from './node-binary.ts'
import { programInPath } from './program-in-path.ts'
import { ScratchFolder } from './scratch-folder.ts'

/** The handler's addon, and the license of the library in it, which has to go along. */
export interface MadeAddon {
  readonly file: string
  readonly license: string
}

/**
 * Makes it, unless it is there. Where this machine lacks what that takes, says what, in a few words. Rejects where the
 * source is not the one that is pinned, or cannot be made of.
 */
export async function makeAddon(architecture: Architecture): Promise<MadeAddon | { readonly lacks: string }> {
  const file = addonFile(architecture)
  const made = { file, license: licenseBeside(file) }
  if (existsSync(made.file) && existsSync(made.license)) return made
  const program = missingProgram(architecture)
  return program === null ? make(made, architecture) : { lacks: `${program} not found` }
}

async function make(
  made: MadeAddon,
  architecture: Architecture,
): Promise<MadeAddon | { readonly lacks: string }> {
  await using scratch = await ScratchFolder.in(CACHE, 'isal')
  const library = await fetchLibrary(scratch.folder).catch(whyNotFetched)
  if (typeof library !== 'string') return library
  await makeIn(library, architecture)
  await writeFile(made.license, await licenseOf(library))
  await rename(path.join(library, RESULT), made.file)
  return made
}

/** Of a machine without pip, or without a network. What is there and is another one than it should be is no such lack. */
export function whyNotFetched(cause: unknown): { readonly lacks: string } {
  if (cause instanceof ExecaError && /DO NOT MATCH THE HASHES/.test(`${cause.stderr}`)) throw cause
  return { lacks: inOneLine(cause) }
}

/** With all who hold a copyright in what is taken of it: the license names one alone. */
async function licenseOf(library: string): Promise<string> {
  const license = await readFile(path.join(library, 'LICENSE'), 'utf8')
  const search = ['-rhoiE', '--', 'Copyright ?\\(c\\).*', 'igzip', 'crc', 'include']
  const { stdout } = await execa('grep', search, { cwd: library })
  const holders = new Set(stdout.split('\n').map(line => line.replace(/[\s*#;/]+$/, '').trim()))
  return `${license}\n${[...holders].sort().join('\n')}\n`
}

function licenseBeside(file: string): string {
  return file.replace(/\.node$/, '.LICENSE')
}

interface Toolchain {
  /** Before the names of the compiler and what comes with it. */
  readonly prefix: string
  /** As ISA-L calls the machine. */
  readonly settings: readonly string[]
  readonly assembler: string | null
  /** The oldest of it: some compilers make code for newer ones unless they are told. */
  readonly machine: string
}

const NATIVE: Readonly<Record<Architecture, Omit<Toolchain, 'prefix'>>> = {
  x64: { settings: ['host_cpu=x86_64', 'arch='], assembler: 'nasm', machine: '-march=x86-64' },
  // There the compiler is the assembler.
  arm64: { settings: ['host_cpu=aarch64', 'arch=aarch64'], assembler: null, machine: '-march=armv8-a' },
}
const CROSS: Readonly<Record<Architecture, string>> = {
  x64: 'x86_64-linux-gnu-',
  arm64: 'aarch64-linux-gnu-',
}

/** The C compiler that makes programs for it. */
export function compilerFor(architecture: Architecture): string {
  return `${toolchainFor(architecture).prefix}gcc`
}

function toolchainFor(architecture: Architecture): Toolchain {
  const prefix = architecture === ownArchitecture() ? '' : CROSS[architecture]
  return { prefix, ...NATIVE[architecture] }
}

/** Of those that are needed; `null`: none. */
export function missingProgram(architecture: Architecture): string | null {
  return programsFor(architecture).find(name => programInPath(name) === null) ?? null
}

function programsFor(architecture: Architecture): string[] {
  const { prefix, assembler } = toolchainFor(architecture)
  const programs = [`${prefix}gcc`, `${prefix}ar`, 'make', 'awk', 'tar', 'python3']
  return assembler === null ? programs : [...programs, assembler]
}

// A mirror that does not answer is no reason to wait for ever: the build goes on without.
const PATIENCE = { timeout: 300_000 }

const BUILD_PINS = path.join(import.meta.dirname, 'isal-build.txt')
// The latter from pip 25.3 on.
const CONSTRAINTS = { PIP_CONSTRAINT: BUILD_PINS, PIP_BUILD_CONSTRAINT: BUILD_PINS }

/** Fetches its source by pip, which looks whether it is the one that is pinned. Returns where it is. */
export async function fetchLibrary(scratch: string): Promise<string> {
  const pinned = ADDON_SOURCES.find(source => source.endsWith('isal.txt')) ?? ''
  const options = [
    '--no-deps',
    '--no-binary=isal',
    '--require-hashes',
    '--disable-pip-version-check',
    '--no-input',
    '--timeout=30',
    '--retries=2',
    '-q',
  ]
  const pip = ['-m', 'pip', 'download', ...options, '-d', scratch, '-r', pinned]
  await execa('python3', pip, { ...PATIENCE, env: CONSTRAINTS })
  await execa('sh', ['-c', 'tar xzf isal-*.tar.gz --strip-components=1 --no-same-owner'], { cwd: scratch })
  return path.join(scratch, 'src/isal/isa-l')
}

const RESULT = 'addon.node'

async function makeIn(library: string, architecture: Architecture): Promise<void> {
  const { prefix, settings, machine } = toolchainFor(architecture)
  const arch = settings.find(setting => setting.startsWith('arch='))
  const own = [...OWN_FLAGS, machine]
  const flags = [`CFLAGS_${arch?.slice('arch='.length)}=${own.join(' ')}`, 'DEBUG=', 'DEBUG_nasm=']
  const tools = [`CC=${prefix}gcc`, `AR=${prefix}ar`]
  const make = ['-f', 'Makefile.unx', 'units=igzip crc', 'lib', ...settings, ...tools, ...flags]
  await execa('make', make, { cwd: library })
  await execa(`${prefix}gcc`, [machine, ...linkOptions(await versionOf(library))], { cwd: library })
  assertRunsOnOldSystems(await readFile(path.join(library, RESULT)))
}

const OWN_FLAGS = [
  '-O2',
  '-D_FORTIFY_SOURCE=2',
  '-fPIC',
  '-fstack-protector-strong',
  '-fvisibility=hidden',
  '-ffunction-sections',
]

function linkOptions(version: string): string[] {
  const source = ADDON_SOURCES.find(name => name.endsWith('.c')) ?? ''
  // Those of Node-API are the same for every architecture.
  const headers = path.join(ROOT, `node_modules/node-linux-${ownArchitecture()}/include/node`)
  return [
    ...OWN_FLAGS,
    ...['-shared', '-s', '-Wall', '-Wextra', '-Werror', `-DISAL_VERSION="${version}"`],
    ...[`-I${headers}`, '-Iinclude', source, 'bin/isa-l.a', '-o', RESULT],
    '-Wl,--exclude-libs,ALL,--gc-sections,-z,noexecstack,-z,relro,-z,now',
  ]
}

async function versionOf(library: string): Promise<string> {
  const [, version = ''] =
    /^version \?= ([\d.]+)$/m.exec(await readFile(path.join(library, 'make.inc'), 'utf8')) ?? []
  return version
}
