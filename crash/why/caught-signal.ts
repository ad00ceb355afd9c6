import { constants } from 'node:os'
import { isSent, signalName } from '../signal.ts'
import type { SignalInfo } from '../signal-info.ts'

/** What the kernel kept where it called a handler, as far as it tells which signal that was. */
export interface Caught {
  /** What stands where siginfo_t is for a handler with SA_SIGINFO, and anything for another one. */
  readonly info: SignalInfo | null
  /** Where the signal came. */
  readonly instruction: bigint
  /** The thread was in a system call, or came out of one. */
  readonly isAtSystemCall: boolean
  /** Of the thread's last error, which may be another one's. */
  readonly faultAddress: bigint
  readonly trap?: { readonly number: number; readonly errorCode: number }
}

const ERRORS = ['SIGSEGV', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGTRAP', 'SIGSYS', 'SIGABRT']
const SI_KERNEL = 128

/**
 * The error that a handler was called for; `null`: it was another signal, or that cannot be told for sure. A
 * handler without SA_SIGINFO has been told nothing: then the processor's error says it, where that fits.
 *
 * @param raised The signal that ended the process in the end.
 */
export function errorCaught(caught: Caught, raised: number): SignalInfo | null {
  const { info } = caught
  return info !== null && isWritten(info, caught) ? info : errorOfTrap(caught, signalName(raised))
}

/** The kernel keeps the address beside it: bytes that were there before do not have the same. */
function isWritten(info: SignalInfo, { instruction, faultAddress, trap }: Caught): boolean {
  const name = signalName(info.number)
  if (!ERRORS.includes(name)) return false
  if (isSent(info.code)) return (info.pid ?? 0) > 0
  if (info.code === SI_KERNEL) return trap === undefined || trap.number in TRAPS
  const expected = name === 'SIGSEGV' || name === 'SIGBUS' ? faultAddress : instruction
  return withoutTag(info.address) === withoutTag(expected)
}

/** The highest byte of an address of arm64 may be the program's. */
function withoutTag(address: bigint): bigint {
  return BigInt.asUintN(56, address)
}

const [DIVISION, PAGE_FAULT] = [0, 14]
/** arch/x86/include/asm/trapnr.h, and si_code of what the kernel sends for it. */
const TRAPS: Readonly<Record<number, { readonly signal: string; readonly code: number }>> = {
  [DIVISION]: { signal: 'SIGFPE', code: 1 },
  3: { signal: 'SIGTRAP', code: SI_KERNEL },
  6: { signal: 'SIGILL', code: 2 },
  13: { signal: 'SIGSEGV', code: SI_KERNEL },
  [PAGE_FAULT]: { signal: 'SIGSEGV', code: 1 },
  17: { signal: 'SIGBUS', code: 1 },
}
const PROTECTION = 1

/** Of a thread without errors the number is 0, too. */
function errorOfTrap(caught: Caught, raised: string): SignalInfo | null {
  const { trap, isAtSystemCall, instruction, faultAddress } = caught
  const error = trap === undefined ? undefined : TRAPS[trap.number]
  if (trap === undefined || error === undefined || isAtSystemCall) return null
  const isPageFault = trap.number === PAGE_FAULT
  const signal = isPageFault && raised === 'SIGBUS' ? raised : error.signal
  if (raised !== signal && (raised !== 'SIGABRT' || trap.number === DIVISION)) return null
  const isProtection = isPageFault && (trap.errorCode & PROTECTION) !== 0
  return {
    number: NUMBERS[signal] ?? 0,
    code: isProtection || (isPageFault && signal === 'SIGBUS') ? 2 : error.code,
    address: isPageFault ? faultAddress : error.code === SI_KERNEL ? 0n : instruction,
  }
}

const NUMBERS: Readonly<Record<string, number>> = constants.signals
