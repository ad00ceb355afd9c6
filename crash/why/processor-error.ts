import { signalName } from '../signal.ts'
import type { Fault } from './fault.ts'
import type { Reason } from './reason-code.ts'

/** Of SIGFPE, SIGILL, SIGTRAP, and of SIGSYS; `null`: of another signal. */
export function reasonOfProcessorError(fault: Fault): Reason | null {
  switch (signalName(fault.signal)) {
    case 'SIGFPE':
      return reasonOfArithmetic(fault)
    case 'SIGILL':
      return wrongSignature(fault) ?? { code: 'illegal-instruction', sentence: illegalInstruction(fault) }
    case 'SIGTRAP':
      return { code: 'trap', sentence: trap(fault) }
    case 'SIGSYS':
      return { code: 'bad-syscall', sentence: refusedCall(fault) }
    default:
      return null
  }
}

const INTDIV = 1
const FLTDIV = 3
/** si_code of SIGFPE, include/uapi/asm-generic/siginfo.h. */
const ARITHMETIC: Readonly<Record<number, string>> = {
  2: 'integer overflow',
  4: 'floating-point overflow',
  5: 'floating-point underflow',
  6: 'inexact floating-point result',
  7: 'invalid floating-point operation',
  8: 'subscript out of range',
}

/** x86 has one error for division by zero and for a result that does not fit: the least number by -1. */
function reasonOfArithmetic({ info, machine }: Fault): Reason {
  const also = machine === 'x86-64' ? ' (or with a result too large)' : ''
  if (info.code === INTDIV) return { code: 'division-by-zero', sentence: `integer division by zero${also}` }
  if (info.code === FLTDIV) return { code: 'division-by-zero', sentence: 'floating-point division by zero' }
  return { code: 'arithmetic', sentence: ARITHMETIC[info.code] ?? 'arithmetic error' }
}

const ILL_ILLOPN = 2

/** FEAT_FPAC: nothing else has this si_code on arm64 (arch/arm64/kernel/traps.c). */
function wrongSignature({ info, machine }: Fault): Reason | null {
  if (machine !== 'aarch64' || info.code !== ILL_ILLOPN) return null
  const sentence =
    'return or jump by a pointer with a wrong signature (the stack or the pointer was overwritten)'
  return { code: 'wild-call', sentence }
}

const SHOWN_BYTES = 8

function illegalInstruction({ at, code }: Fault): string {
  if (at.kind === 'undefined')
    return `illegal instruction on purpose (${at.mnemonic}: a failed check, or code that must not be reached)`
  if (at.kind === 'privileged') return 'privileged instruction, which no process may execute'
  if (at.extension !== undefined)
    return `illegal instruction (of ${at.extension}, which this processor may not have)`
  if (code === undefined || code.length === 0) return 'illegal instruction'
  const bytes = code
    .subarray(0, SHOWN_BYTES)
    .toString('hex')
    .replace(/..(?!$)/g, '$& ')
  return `illegal instruction (bytes ${bytes})`
}

const [SI_KERNEL, TRAP_TRACE, TRAP_HWBKPT] = [128, 2, 4]

/** x86's int3 is a SIGTRAP of SI_KERNEL, and the instruction pointer is behind it. */
function trap({ info, at, machine }: Fault): string {
  if (info.code === TRAP_TRACE) return 'single step of a debugger that is not there'
  if (info.code === TRAP_HWBKPT) return 'hardware breakpoint of a debugger that is not there'
  const isInt3 = machine === 'x86-64' && info.code === SI_KERNEL
  const mnemonic = isInt3 ? 'int3' : at.kind === 'trap' ? at.mnemonic : undefined
  const which = mnemonic === undefined ? '' : `${mnemonic}: `
  return `trap instruction (${which}a failed check, or a breakpoint)`
}

/** SIGSYS has it too where the program asked for its own calls to be told to it: PR_SET_SYSCALL_USER_DISPATCH. */
const SYS_USER_DISPATCH = 2

function refusedCall({ info }: Fault): string {
  const number = info.systemCall === undefined ? '' : ` ${info.systemCall}`
  if (info.code === SYS_USER_DISPATCH) return `system call${number} that the program itself wanted stopped`
  return `system call${number} refused by a seccomp filter`
}
