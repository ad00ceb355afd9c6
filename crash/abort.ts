import type { CoreHead } from './core-head.ts'
import { isStatic } from './crash-site.ts'
import { hasAbiTag } from './elf-page.ts'
import { crashingModule, type MemoryRange, memoryAt } from './process-memory.ts'
import { signalCodeName, signalName } from './signal.ts'

/**
 * The kernel ignores a SIGABRT that the first process of a pid namespace sends itself, so its abort() goes on
 * to its last resort, an instruction that is not allowed: the process of nearly every container dies of
 * SIGSEGV (exit 139) then, on arm64 of SIGTRAP (133). glibc: sysdeps/…/abort-instr.h; musl: a_crash(), which
 * on arm64 is a write to address 0 as any other.
 */
const LAST_RESORTS: Readonly<Record<string, { readonly mask: number; readonly instruction: number }>> = {
  // hlt, a byte
  'SIGSEGV SI_KERNEL': { mask: 0xff, instruction: 0xf4 },
  // brk #1000
  'SIGTRAP TRAP_BRKPT': { mask: 0xffff_ffff, instruction: 0xd420_7d00 },
}
const INSTRUCTION_BYTES = 4

/**
 * The instruction that tells whether it was abort(); `null`: it was not. `pid` is that in the process's own
 * namespace.
 */
export function instructionOfAbort(head: CoreHead, pid: number | undefined): MemoryRange | null {
  if (pid !== 1 || head.instruction === undefined || lastResortOf(head) === undefined) return null
  return memoryAt(head, head.instruction, INSTRUCTION_BYTES)
}

/**
 * What a process called that died of `instruction`, the bytes of {@link instructionOfAbort}; `null`: it was
 * no abort(). `page` is the first of its module. musl ends by the same instruction when a check of its own
 * fails.
 */
export function abortAt(head: CoreHead, instruction: Buffer, page: Buffer | null): string | null {
  const resort = lastResortOf(head)
  if (resort === undefined || instruction.length < INSTRUCTION_BYTES) return null
  if ((instruction.readUInt32LE() & resort.mask) >>> 0 !== resort.instruction) return null
  const libc = libcOf(head, page)
  if (libc === null) return null
  return libc === 'glibc' ? 'abort()' : 'abort() or a failed check of heap or stack'
}

function lastResortOf({ signal }: CoreHead) {
  if (signal === undefined) return undefined
  return LAST_RESORTS[`${signalName(signal.number)} ${signalCodeName(signal.number, signal.code)}`]
}

/**
 * The libc that holds the crashing instruction, as a library or linked into the program; `null`: it is other
 * code.
 */
function libcOf(head: CoreHead, page: Buffer | null): 'glibc' | 'another' | null {
  const module = crashingModule(head)
  if (module === null) return null
  const name = module.path.slice(module.path.lastIndexOf('/') + 1)
  if (/^libc(?:\.so\.6|-2\.[0-9.]{1,20}\.so)$/.test(name)) return 'glibc'
  if (/^(?:ld-musl-|libc\.musl-)|^libc\.so$/.test(name)) return 'another'
  if (page === null || !isStatic(head, module, page)) return null
  return hasAbiTag(page) ? 'glibc' : 'another'
}
