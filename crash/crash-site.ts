import { createHash } from 'node:crypto'
import { isCommonCode } from './common-code.ts'
import { type CoreHead, fileAt } from './core-head.ts'
import { addressIn, buildIdIn, hasInterpreter } from './elf-page.ts'
import type { MappedFile } from './mapped-file.ts'
import { crashingModule } from './process-memory.ts'
import type { ReportCrash } from './report.ts'
import { isFault } from './signal.ts'

/**
 * Where it crashed, and a signature that two crashes have in common when the same build of the same program
 * made the same fault at the same instruction. There is none where one address stands for many bugs: when it
 * was no fault but a signal that was sent, in code that every program calls, and when the build is not known.
 * `page` is the first page of the crashed file, or what there is of it.
 */
export function crashSite(head: CoreHead, program: string, signal: number, page: Buffer | null): ReportCrash {
  const module = crashingModule(head)
  if (module === null || head.instruction === undefined) return {}
  const fileOffset = head.instruction - module.start + module.fileOffset
  const offset = hexadecimal(fileOffset)
  const buildId = page === null ? null : buildIdIn(page)
  const address = page === null ? null : addressIn(page, fileOffset)
  const site = {
    module: module.path,
    offset,
    ...(address === null ? {} : { address: hexadecimal(address) }),
    ...(buildId === null ? {} : { buildId }),
  }
  if (page === null || buildId === null || !tellsBugs(head, module, signal, page)) return site
  const parts = [program, signal, module.path, offset, buildId]
  const signature = createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 16)
  return { signature, ...site }
}

function hexadecimal(number: bigint): string {
  return `0x${number.toString(16)}`
}

/** Whether crashes at this address can be told from others by it. */
function tellsBugs(
  { signal: info, ...head }: CoreHead,
  module: MappedFile,
  signal: number,
  page: Buffer,
): boolean {
  if (info === undefined || info.number !== signal || !isFault(signal, info.code)) return false
  return !isCommonCode(module.path) && !isStatic(head, module, page)
}

/** A program that was linked with its libc holds code that every program calls, and nothing tells where. */
export function isStatic(head: Pick<CoreHead, 'entry' | 'files'>, module: MappedFile, page: Buffer): boolean {
  const program = head.entry === undefined ? undefined : fileAt(head, head.entry)
  return program?.path === module.path && !hasInterpreter(page)
}
