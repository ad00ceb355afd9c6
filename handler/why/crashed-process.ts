import { ElfImage } from '../../crash/image/elf-image.ts'
import { bytesOf, type FileBytes } from '../../crash/image/file-bytes.ts'
import { type Module, Modules, modulesOf } from '../../crash/image/module.ts'
import { Room } from '../../crash/image/room.ts'
import type { Evidence } from './evidence.ts'
import { fileIn } from './file-in.ts'
import { ProcessMemory } from './process-memory.ts'
import { vdsoModule } from './vdso.ts'

/** What is at hand of the memory of a process, and the files in it. */
export interface CrashedProcess {
  /** For what of the files is in memory: some MiB while the process is held, for many may be at once. */
  readonly room: Room
  readonly memory: ProcessMemory
  readonly modules: Modules
}

const LOOK_BYTES = 16 << 20
/** With what a handler needs beside, four of them are below the 1 GiB of `limits.memory`. */
export const EXPLANATION_BYTES = 112 << 20

export function crashedProcess(evidence: Evidence): CrashedProcess {
  const room = new Room(LOOK_BYTES)
  const { pieces, vdso } = evidence
  const vdsoPiece = pieces.find(({ address }) => address === vdso)
  const all = new Modules([
    ...filesOf(evidence).flatMap(file => moduleOf(file, room)),
    ...(vdsoPiece === undefined ? [] : vdsoModule(vdsoPiece)),
  ])
  return { memory: new ProcessMemory(pieces, all), modules: all, room }
}

interface CodeFile extends Pick<Module, 'path' | 'ranges'> {
  readonly file: FileBytes
}

/** Those that hold its code, as far as they are at hand. */
export function filesOf({ modules, unopened = [] }: Evidence): readonly CodeFile[] {
  return [
    ...modules.map(({ path, ranges, ...file }) => ({ path, ranges, file: fileIn(file) })),
    ...unopened.map(({ path, ranges, beginning }) => ({
      path,
      ranges,
      file: bytesOf(Buffer.from(beginning)),
    })),
  ]
}

function moduleOf({ path, ranges, file }: CodeFile, room: Room): readonly Module[] {
  const image = ElfImage.open(file, room)
  return image === null ? [] : modulesOf(path, image, ranges)
}
