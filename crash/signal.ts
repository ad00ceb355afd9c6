import { constants } from 'node:os'

// Linux gives these the same numbers on x86-64 and arm64. Of two names for one number the usual one wins.
const NAMES = new Map(
  Object.entries(constants.signals)
    .filter(([name]) => name !== 'SIGIOT' && name !== 'SIGPOLL')
    .map(([name, number]) => [number, name]),
)

/** `SIGSEGV` for 11; `signal 42` for one without a name. */
export function signalName(number: number): string {
  return NAMES.get(number) ?? `signal ${number}`
}

// si_code values of include/uapi/asm-generic/siginfo.h, by signal.
const CODES: Record<string, readonly string[]> = {
  SIGILL: [
    'ILL_ILLOPC',
    'ILL_ILLOPN',
    'ILL_ILLADR',
    'ILL_ILLTRP',
    'ILL_PRVOPC',
    'ILL_PRVREG',
    'ILL_COPROC',
    'ILL_BADSTK',
  ],
  SIGFPE: [
    'FPE_INTDIV',
    'FPE_INTOVF',
    'FPE_FLTDIV',
    'FPE_FLTOVF',
    'FPE_FLTUND',
    'FPE_FLTRES',
    'FPE_FLTINV',
    'FPE_FLTSUB',
  ],
  SIGSEGV: [
    'SEGV_MAPERR',
    'SEGV_ACCERR',
    'SEGV_BNDERR',
    'SEGV_PKUERR',
    'SEGV_ACCADI',
    'SEGV_ADIDERR',
    'SEGV_ADIPERR',
    'SEGV_MTEAERR',
    'SEGV_MTESERR',
    'SEGV_CPERR',
  ],
  SIGBUS: ['BUS_ADRALN', 'BUS_ADRERR', 'BUS_OBJERR', 'BUS_MCEERR_AR', 'BUS_MCEERR_AO'],
  SIGTRAP: ['TRAP_BRKPT', 'TRAP_TRACE', 'TRAP_BRANCH', 'TRAP_HWBKPT', 'TRAP_UNK', 'TRAP_PERF'],
  SIGSYS: ['SYS_SECCOMP', 'SYS_USER_DISPATCH'],
}

const SENT_BY: Record<number, string> = {
  0: 'SI_USER',
  128: 'SI_KERNEL',
  [-1]: 'SI_QUEUE',
  [-2]: 'SI_TIMER',
  [-6]: 'SI_TKILL',
}

/** `SEGV_MAPERR` for code 1 of SIGSEGV, `SI_TKILL` for -6 of any; the number where there is no name. */
export function signalCodeName(signal: number, code: number): string {
  return SENT_BY[code] ?? CODES[signalName(signal)]?.[code - 1] ?? String(code)
}

/** Whether siginfo's address is one: it is for faults that the processor raised, not for kill(2). */
export function hasFaultAddress(signal: number, code: number): boolean {
  return (
    code > 0 &&
    code !== 128 &&
    ['SIGILL', 'SIGFPE', 'SIGSEGV', 'SIGBUS', 'SIGTRAP'].includes(signalName(signal))
  )
}

/**
 * Whether the processor raised it at an instruction that went wrong. Not when a process sent it (kill,
 * abort(), a failed assertion, Go's and Rust's panics: `si_code` is 0 or less), nor when a program gave up by
 * an instruction that is made for it: V8's fatal errors are SIGTRAP or SIGILL at one address inside of
 * `node`, whatever happened.
 */
export function isFault(signal: number, code: number): boolean {
  return code > 0 && ['SIGSEGV', 'SIGBUS', 'SIGFPE'].includes(signalName(signal))
}

/** Whether a process, a timer or a queue sent it, and no error raised it. */
export function isSent(code: number): boolean {
  return code <= 0
}
