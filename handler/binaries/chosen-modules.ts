import type { Config } from '../../config/config.ts'
import type { ReportBinary } from '../../crash/report.ts'
import { plain } from '../../untrusted/plain-text.ts'
import type { OpenModule, UnopenedModule } from '../why/evidence.ts'
import type { HeldFiles } from '../why/shared-files.ts'

/** A file of code that a process had mapped. */
export type Module = OpenModule | UnopenedModule

const MOST_MODULES = 64
/** As a frame of the stack has it. */
const LONGEST_PATH = 256

/**
 * The files of code that are wanted, the executable first: that which the kernel began to run, which of a script is
 * its interpreter.
 */
export function chosenModules(
  { modules, unopened = [], entry }: Pick<HeldFiles, 'modules' | 'unopened' | 'entry'>,
  wanted: Config['collect']['binaries'],
): readonly Module[] {
  const all: readonly Module[] = [...modules, ...unopened]
  const executable = all.find(module => holds(module, entry)) ?? all[0]
  if (executable === undefined || wanted === 'off') return []
  if (wanted === 'executable') return [executable]
  return [executable, ...all.filter(module => module !== executable)].slice(0, MOST_MODULES)
}

/** What is known of it before it is read. */
export function nameOf(module: Module): Pick<ReportBinary, 'path' | 'sizeBytes'> {
  return {
    path: plain(module.path, LONGEST_PATH),
    ...('fd' in module && { sizeBytes: module.sizeBytes }),
  }
}

function holds({ ranges }: Module, address: bigint | undefined): boolean {
  return address !== undefined && ranges.some(({ start, end }) => address >= start && address < end)
}
