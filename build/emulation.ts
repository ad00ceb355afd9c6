import { mkdir, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { OperatorError } from '../crash/errors.ts'
import { debianFiles } from './debian/package-files.ts'
import { librariesOf } from './libraries.ts'
import { type Architecture, CACHE, ownArchitecture } from './node-binary.ts'
import { programInPath } from './program-in-path.ts'

/** What programs are started with that may be another architecture's: nothing, or an emulator and its arguments. */
export type Starter = readonly string[]

const EMULATORS: Readonly<Record<Architecture, string>> = { x64: 'qemu-x86_64', arm64: 'qemu-aarch64' }

/** For programs that need what `program` needs. Where this machine cannot start them, says what it lacks. */
export async function starterFor(
  architecture: Architecture,
  program: Buffer,
): Promise<Starter | { readonly lacks: string }> {
  if (architecture === ownArchitecture()) return []
  const emulator = emulatorOf(architecture)
  if (emulator === null) return { lacks: `${EMULATORS[architecture]} not found` }
  try {
    return [emulator, '-L', await librariesFor(program, architecture)]
  } catch (cause) {
    if (cause instanceof OperatorError) return { lacks: cause.message }
    throw cause
  }
}

/** Debian's qemu-user, or its qemu-user-static. */
export function emulatorOf(architecture: Architecture): string | null {
  const name = EMULATORS[architecture]
  return programInPath(name) ?? programInPath(`${name}-static`)
}

/** A folder that has them as the image does. */
async function librariesFor(program: Buffer, architecture: Architecture): Promise<string> {
  const root = path.join(CACHE, `libraries-${architecture}`)
  for (const [file, content] of await librariesOf([program], await debianFiles(architecture))) {
    await mkdir(path.join(root, path.dirname(file)), { recursive: true })
    await putInPlace(path.join(root, file), content)
  }
  return root
}

/** Made aside and renamed: a program of another build may have it mapped. */
async function putInPlace(file: string, content: Buffer): Promise<void> {
  await writeFile(`${file}.${process.pid}`, content, { mode: 0o755 })
  await rename(`${file}.${process.pid}`, file)
}
