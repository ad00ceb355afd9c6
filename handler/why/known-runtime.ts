import type { ElfImage } from '../../crash/image/elf-image.ts'
import type { Module } from '../../crash/image/module.ts'
import { addressOfSymbol } from '../../crash/symbols/symbol-by-name.ts'
import { symbolTables } from '../../crash/symbols/symbol-tables.ts'
import { javaVersionIn } from '../../crash/why/java-release.ts'
import { type Runtime, runtimeAt, runtimeOf } from '../../crash/why/runtime.ts'
import { fileIn } from './file-in.ts'
import type { RuntimeFile } from './runtime-file.ts'

/** What the program's language runs by, with the version that the runtime's own files have of itself. */
export function knownRuntime(
  modules: readonly Pick<Module, 'path' | 'image'>[],
  files: readonly RuntimeFile[] = [],
): Runtime | null {
  const runtime = runtimeOf(modules)
  const version = runtime?.name === 'Java' ? javaVersion(files) : null
  if (version !== null) return { name: 'Java', version }
  const versionIn = runtime === null ? undefined : VERSIONS.get(runtime.name)
  if (runtime === null || versionIn === undefined) return runtime
  for (const { path, image } of modules) {
    const version = image !== null && runtimeAt(path)?.name === runtime.name ? versionIn(image) : null
    if (version !== null) return { ...runtime, version }
  }
  return runtime
}

const LARGEST_RELEASE_BYTES = 64 << 10

function javaVersion(files: readonly RuntimeFile[]): string | null {
  const release = files.find(({ kind }) => kind === 'jvm-release')
  const bytes = release && fileIn(release).read(0, Math.min(release.sizeBytes, LARGEST_RELEASE_BYTES))
  return bytes ? javaVersionIn(bytes.toString('latin1')) : null
}

/** By constants that the runtimes have in their files, whatever those are called. `null`: it is not there. */
const VERSIONS: ReadonlyMap<string, (image: ElfImage) => string | null> = new Map([
  ['Python', pythonVersion],
  ['Node.js', nodeVersion],
  ['Ruby', rubyVersion],
  ['Perl', perlVersion],
])

/** PY_VERSION_HEX of patchlevel.h, exported since 3.11: 0x030b02f0 is 3.11.2, 0x030d00c1 is 3.13.0rc1. */
function pythonVersion(image: ElfImage): string | null {
  const [serial, micro, minor, major] = constant(image, 'Py_Version', 4) ?? []
  if (serial === undefined || major !== 3) return null
  const level = LEVELS.get(serial >> 4)
  return level === undefined ? null : `${major}.${minor}.${micro}${level && `${level}${serial & 15}`}`
}

const LEVELS: ReadonlyMap<number, string> = new Map([
  [0xa, 'a'],
  [0xb, 'b'],
  [0xc, 'rc'],
  [0xf, ''],
])

/** What napi_get_node_version() gives: a local symbol, which programs that were not stripped have. */
function nodeVersion(image: ElfImage): string | null {
  const bytes = constant(image, '_ZZ21napi_get_node_versionE7version', 12)
  return bytes === null ? null : dotted([0, 4, 8].map(at => bytes.readUInt32LE(at)))
}

/** RUBY_VERSION, a text. */
function rubyVersion(image: ElfImage): string | null {
  const text = constant(image, 'ruby_version', 8)?.toString('latin1') ?? ''
  return /^(\d{1,2}\.\d\.\d{1,2})\0/.exec(text)?.[1] ?? null
}

/** A byte each: EXTCONST of perl.h. */
function perlVersion(image: ElfImage): string | null {
  const parts = ['PL_revision', 'PL_version', 'PL_subversion'].map(name => constant(image, name, 1)?.[0])
  return parts.includes(undefined) ? null : dotted(parts.filter(part => part !== undefined))
}

const LARGEST_PART = 999

function dotted(parts: readonly number[]): string | null {
  return parts.every(part => part <= LARGEST_PART) ? parts.join('.') : null
}

/** Of what cannot be written to. */
function constant(image: ElfImage, name: string, lengthBytes: number): Buffer | null {
  for (const table of symbolTables(image)) {
    const address = addressOfSymbol(table, name)
    if (address !== null) return image.loadedReadOnly(address, lengthBytes)
  }
  return null
}
