import type { ElfImage } from '../image/elf-image.ts'
import type { Module } from '../image/module.ts'

/** What a program's language runs by. */
export interface Runtime {
  readonly name: string
  /** Where the name of its file or what its compiler wrote has it. */
  readonly version?: string
}

/** By the file's path; the version where that has it, for makers of libraries put it there. */
const BY_PATH: readonly (readonly [RegExp, string])[] = [
  [/\/(?:lib)?python(\d\.\d{1,3})?(?:[dm])?(?:\.so[^/]{0,20})?$/, 'Python'],
  [/\/python3$/, 'Python'],
  [/\/libjvm\.so$/, 'Java'],
  [/\/(?:(\d{1,3}\.\d{1,3}\.\d{1,5}[^/]{0,40})\/)?libcoreclr\.so$/, '.NET'],
  [/\/(?:node|nodejs|libnode\.so[^/]{0,20})$/, 'Node.js'],
  [/\/(?:lib)?ruby(?:-?(\d\.\d{1,3}))?(?:\.so(?:\.[\d.]{1,20})?)?$/, 'Ruby'],
  [/\/(?:lib)?php(?:-fpm|-cgi)?(\d\.\d{1,3})?(?:\.so)?$/, 'PHP'],
  [/\/(?:lib)?perl(5\.\d{1,3}(?:\.\d{1,3})?)?(?:\.so(?:\.[\d.]{1,20})?)?$/, 'Perl'],
  [/\/beam(?:\.smp)?$/, 'Erlang'],
]
const PERL_LIBRARY = /\/libperl\.so\.(5\.\d{1,3})/
const LONGEST_PATH = 4096

/** The runtime of a process by its files of code, the program itself first; `null`: none of those that are known. */
export function runtimeOf(modules: readonly Pick<Module, 'path' | 'image'>[]): Runtime | null {
  const [program] = modules
  const compiled = program?.image ? (runtimeOfGo(program.image) ?? runtimeOfRust(program.image)) : null
  if (compiled !== null) return compiled
  for (const { path } of modules) {
    const found = runtimeAt(path)
    if (found !== null) return found
  }
  return null
}

/** By the path of a file; `null`: it is of none that is known. */
export function runtimeAt(path: string): Runtime | null {
  if (path.length > LONGEST_PATH) return null
  for (const [pattern, name] of BY_PATH) {
    const match = pattern.exec(path)
    if (match !== null) return versioned(name, match[1] ?? PERL_LIBRARY.exec(path)?.[1])
  }
  return null
}

const GO_MAGIC = Buffer.from('\xff Go buildinf:', 'latin1')
const [GO_FLAGS_AT, GO_INLINE, GO_VERSION_AT] = [15, 2, 32]
const LARGEST_BYTES = 4096

/** debug/buildinfo: since Go 1.18 the version stands there; before, a pointer to it. */
function runtimeOfGo(image: ElfImage): Runtime | null {
  const section = image.section('.go.buildinfo')
  if (section === undefined) return null
  const info = image.read(section, 0, LARGEST_BYTES)
  if (!info?.subarray(0, GO_MAGIC.length).equals(GO_MAGIC)) return { name: 'Go' }
  if (((info[GO_FLAGS_AT] ?? 0) & GO_INLINE) === 0) return { name: 'Go' }
  const text = info.toString('latin1', GO_VERSION_AT + 1, GO_VERSION_AT + 1 + (info[GO_VERSION_AT] ?? 0))
  return versioned('Go', /^go(\d{1,3}\.[\w.]{1,20})/.exec(text)?.[1])
}

/** rustc 1.95 writes its version into .comment, 1.63 does not. */
function runtimeOfRust(image: ElfImage): Runtime | null {
  const section = image.section('.comment')
  const comment = section === undefined ? null : image.read(section, 0, LARGEST_BYTES)
  const version = /(?:^|\0)rustc version (\d{1,3}\.\d{1,4}\.\d{1,4})/.exec(
    comment?.toString('latin1') ?? '',
  )?.[1]
  return version === undefined ? null : { name: 'Rust', version }
}

function versioned(name: string, version: string | undefined): Runtime {
  return version === undefined ? { name } : { name, version }
}
