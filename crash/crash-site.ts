import { createHash } from 'node:crypto'
import { type CoreHead, fileAt, type MappedFile, segmentAt } from './core-head.ts'
import type { CoreRange } from './core-range.ts'
import { PT_NOTE, readElfHeader, readNotes, readSegment } from './elf.ts'
import type { ReportCrash } from './report.ts'

const NT_GNU_BUILD_ID = 3

/** The mapped file that holds the crashing instruction. */
export function crashingModule(head: CoreHead): MappedFile | null {
  return head.instruction === undefined ? null : (fileAt(head, head.instruction) ?? null)
}

/**
 * Where in the core the first page of `module` is, which names its build; `null` if it was not dumped.
 * It is there by default: bit 4 of coredump_filter dumps the ELF header of each mapped file (core(5)).
 */
export function firstPageOf(module: MappedFile, head: CoreHead): CoreRange | null {
  const first = head.files.find(file => file.path === module.path && file.fileOffset === 0n)
  const segment = first === undefined ? undefined : segmentAt(head, first.start)
  if (segment === undefined || segment.fileBytes === 0) return null
  return { offset: segment.fileOffset, lengthBytes: Math.min(segment.fileBytes, 4096) }
}

/** The GNU build id in the first page of an ELF file, in hexadecimal. */
export function buildIdIn(page: Buffer): string | null {
  const header = readElfHeader(page)
  if (header === null) return null
  for (let index = 0; index < Math.min(header.segmentCount, 64); index += 1) {
    const segment = readSegment(page, header, index)
    if (segment === null) return null
    if (segment.type !== PT_NOTE) continue
    const notes = page.subarray(segment.fileOffset, segment.fileOffset + segment.fileBytes)
    for (const { name, type, bytes } of readNotes(notes)) {
      if (name === 'GNU' && type === NT_GNU_BUILD_ID) return bytes.toString('hex')
    }
  }
  return null
}

/**
 * Where it crashed, and a signature that two crashes have in common when the same build of the same
 * program crashed at the same instruction for the same signal. Without an instruction there is none:
 * unlike crashes must not be taken for one.
 */
export function crashSite(head: CoreHead, program: string, signal: number, page: Buffer | null): ReportCrash {
  const module = crashingModule(head)
  if (module === null || head.instruction === undefined) return {}
  const offset = `0x${(head.instruction - module.start + module.fileOffset).toString(16)}`
  const buildId = page === null ? null : buildIdIn(page)
  const parts = [program, signal, module.path, offset, buildId ?? '']
  return {
    signature: createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 16),
    module: module.path,
    offset,
    ...(buildId === null ? {} : { buildId }),
  }
}
