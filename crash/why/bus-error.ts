import { accessIn, type Fault, mappingAt, nameOf, shown } from './fault.ts'
import type { Reason } from './reason-code.ts'

/** si_code of SIGBUS, include/uapi/asm-generic/siginfo.h. */
const ADRALN = 1
const ADRERR = 2
const HARDWARE: readonly number[] = [3, 4, 5]

/** Of SIGBUS. */
export function reasonOfBusError(fault: Fault): Reason {
  const { code, address } = fault.info
  // The kernel has no address of x86's own alignment check.
  const where = address === 0n ? '' : ` (${shown(address)})`
  if (code === ADRALN) return { code: 'bus-error', sentence: `misaligned access${where}` }
  if (code === ADRERR) return noPage(fault)
  if (HARDWARE.includes(code))
    return { code: 'hardware-error', sentence: `memory of the machine is damaged (${shown(address)})` }
  // x86's stack segment fault.
  return { code: 'bad-address', sentence: 'use of a corrupt stack or frame pointer (no valid address)' }
}

/** A page that the kernel could not get: it lies past the end of the file, or there was no room for it. */
function noPage(fault: Fault): Reason {
  const mapping = mappingAt(fault.mappings, fault.info.address)
  const access = accessIn(fault, 'access to')
  if (mapping?.name.startsWith('/')) {
    const file = `a page of ${nameOf(mapping)} that is not there`
    const why = 'the file was truncated, or its disk is full or failed'
    return { code: 'truncated-mapping', sentence: `${access} ${file} (${why})` }
  }
  return { code: 'bus-error', sentence: `${access} memory that cannot be had (${shown(fault.info.address)})` }
}
