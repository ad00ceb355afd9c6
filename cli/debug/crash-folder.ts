import { constants } from 'node:fs'
import { copyFile, link, mkdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { codeOf } from '../../crash/system-error.ts'
import { ownMark } from './running-process.ts'
import { sonameOf } from './soname.ts'
import { fileName, sysrootPath } from './sysroot-path.ts'

/** A file of the crashed process, as it lies in the cache. */
export interface CachedFile {
  /** As the process had it: a stranger's word. */
  readonly path: string
  readonly file: string
  readonly sizeBytes: number
}

/** What is at hand of a crash. */
export interface CrashFiles {
  readonly core: string
  /** `null`: it is not stored. */
  readonly program: string | null
  /** The program among them. */
  readonly modules: readonly CachedFile[]
  readonly symbols: readonly { readonly buildId: string; readonly file: string }[]
}

/** Where a debugger finds them. */
export interface CrashFolder {
  readonly folder: string
  readonly core: string
  readonly program: string | null
  /** Files where the process had them. */
  readonly sysroot: string
  /** Libraries, by the names by which programs ask for them. */
  readonly libraries: string
  /** `.build-id/<2 digits>/<the others>.debug` */
  readonly debug: string
}

/** Lays the files of a crash out below `folder`, whatever was there before. They are links: nothing is copied. */
export async function layOut(folder: string, files: CrashFiles): Promise<CrashFolder> {
  const fresh = path.join(path.dirname(folder), `.${path.basename(folder)}.${ownMark()}`)
  await mkdir(fresh, { mode: 0o700 })
  const places = placesIn(fresh, files)
  for (const made of [places.sysroot, places.libraries, places.debug]) await mkdir(made, { mode: 0o700 })
  await placed(files.core, places.core)
  if (files.program !== null && places.program !== null) await placed(files.program, places.program)
  for (const module of files.modules) await layOutModule(module, places)
  for (const { buildId, file } of files.symbols)
    await placed(file, path.join(places.debug, '.build-id', buildId.slice(0, 2), `${buildId.slice(2)}.debug`))
  await replace(folder, fresh)
  return placesIn(folder, files)
}

function placesIn(folder: string, { program }: CrashFiles): CrashFolder {
  const at = (name: string) => path.join(folder, name)
  const named = { core: at('core'), program: program === null ? null : at('program') }
  return { folder, ...named, sysroot: at('sysroot'), libraries: at('libraries'), debug: at('debug') }
}

async function layOutModule({ path: named, file, sizeBytes }: CachedFile, to: CrashFolder): Promise<void> {
  const below = sysrootPath(named)
  if (below !== null) await placed(file, path.join(to.sysroot, below))
  for (const name of new Set([fileName(named), sonameOf(file, sizeBytes)]))
    if (name !== null) await placed(file, path.join(to.libraries, name))
}

/** The first one of a name has it; where a file stands in a folder's place, there is nothing below it. */
async function placed(file: string, place: string): Promise<void> {
  try {
    await mkdir(path.dirname(place), { recursive: true, mode: 0o700 })
    await linked(file, place)
  } catch (error) {
    if (!['EEXIST', 'ENOTDIR', 'ENAMETOOLONG'].includes(codeOf(error))) throw error
  }
}

/** A file of another disk, or of somebody else, is copied. */
async function linked(file: string, place: string): Promise<void> {
  try {
    await link(file, place)
  } catch (error) {
    if (!['EXDEV', 'EPERM', 'ENOTSUP', 'EMLINK'].includes(codeOf(error))) throw error
    await copyFile(file, place, constants.COPYFILE_EXCL)
  }
}

const MOST_TRIES = 5

/** A folder is not renamed onto one that has something in it, and another run may put one there at any time. */
async function replace(folder: string, fresh: string): Promise<void> {
  const old = `${fresh}.old`
  for (let tries = 1; ; tries += 1) {
    await rm(old, { recursive: true, force: true })
    await rename(folder, old).catch(() => undefined) // there is none yet
    try {
      await rename(fresh, folder)
      break
    } catch (error) {
      if (tries === MOST_TRIES) throw error
    }
  }
  await rm(old, { recursive: true, force: true })
}
