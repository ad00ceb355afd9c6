import type { Fault } from './fault.ts'
import type { Reason } from './reason-code.ts'

const SI_KERNEL = 128

/**
 * SIGSEGV without an address. On x86-64 it is the general protection fault: mostly a pointer that is no
 * canonical address, which the processor does not tell. Else it is the kernel that could not put a signal's
 * frame onto the stack, or not take it from there. `null`: it is neither.
 */
export function reasonOfGeneralProtection({ info, at, code, machine }: Fault): Reason | null {
  if (info.code !== SI_KERNEL) return null
  const isMemory = at.access !== undefined || code === undefined || code.length === 0
  if (machine !== 'x86-64' || (at.kind === undefined && !isMemory)) return SIGNAL_FRAME
  if (at.kind === 'privileged') return PRIVILEGED
  if (at.kind === 'trap')
    return { code: 'trap', sentence: `trap instruction (${at.mnemonic}: a failed check)` }
  if (at.kind === 'call')
    return { code: 'wild-call', sentence: 'call through a corrupt pointer (no valid address)' }
  if (at.kind === 'return') return RETURN
  const access = at.access === undefined ? 'use of' : at.access === 'read' ? 'read through' : 'write through'
  const pointer =
    at.kind === 'aligned' ? 'a misaligned or corrupt pointer' : 'a corrupt pointer (no valid address)'
  return { code: 'bad-address', sentence: `${access} ${pointer}` }
}

const SIGNAL_FRAME: Reason = {
  code: 'bad-address',
  sentence: 'the kernel could not deliver or end a signal (its stack is full or was overwritten)',
}
const PRIVILEGED: Reason = {
  code: 'illegal-instruction',
  sentence: 'privileged instruction, which no process may execute',
}
const RETURN: Reason = {
  code: 'wild-call',
  sentence: 'return to a corrupt address (the stack was overwritten)',
}
