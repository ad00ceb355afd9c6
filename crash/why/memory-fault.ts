import type { Mapping } from '../mapping.ts'
import { accessIn, type Fault, isNearNull, mappingAt, nameOf, shown } from './fault.ts'
import { reasonOfGeneralProtection } from './general-protection.ts'
import { reasonOfJump } from './jump.ts'
import type { Reason } from './reason-code.ts'
import { reasonOfStackOverflow } from './stack-overflow.ts'

/** si_code of SIGSEGV, include/uapi/asm-generic/siginfo.h. */
const [MAPERR, ACCERR] = [1, 2]
const SPECIAL: Readonly<Record<number, Reason>> = {
  3: { code: 'bad-address', sentence: 'access outside of the bounds of a pointer' },
  4: { code: 'bad-address', sentence: 'access that a memory protection key forbids' },
  8: {
    code: 'memory-tag',
    sentence: 'access through a pointer with a wrong memory tag (freed, or past an end)',
  },
  9: {
    code: 'memory-tag',
    sentence: 'access through a pointer with a wrong memory tag (freed, or past an end)',
  },
  10: {
    code: 'wild-call',
    sentence: 'return or jump to where none may lead (the stack or a pointer was overwritten)',
  },
}
const OTHER: Reason = { code: 'bad-address', sentence: 'access to memory that the process may not access' }

/** Of SIGSEGV. */
export function reasonOfMemoryFault(fault: Fault): Reason {
  return reasonOfStackOverflow(fault) ?? reasonOfJump(fault) ?? wildStackPointer(fault) ?? dataFault(fault)
}

/** A call, or a function's own variables, are just beside it. */
const BESIDE_BYTES = 256n

/** Where the stack pointer is, is no memory, and what was accessed is there. */
function wildStackPointer({ info, stackPointer, mappings }: Fault): Reason | null {
  if (stackPointer === undefined || mappings === undefined || mappings.length === 0) return null
  if (info.code !== MAPERR || mappingAt(mappings, stackPointer) !== undefined) return null
  const distance = BigInt.asIntN(64, info.address - stackPointer)
  if (distance < -BESIDE_BYTES || distance > BESIDE_BYTES) return null
  const sentence = `use of a corrupt stack pointer (${shown(stackPointer)})`
  return { code: 'bad-address', sentence }
}

function dataFault(fault: Fault): Reason {
  const { code, address } = fault.info
  if (code !== MAPERR && code !== ACCERR) return reasonOfGeneralProtection(fault) ?? SPECIAL[code] ?? OTHER
  if (isNearNull(address)) return nullPointer(fault)
  const mapping = mappingAt(fault.mappings, address)
  return code === ACCERR ? forbidden(fault, mapping) : unmapped(fault, mapping)
}

const PAGE_BYTES = 4096n

function nullPointer(fault: Fault): Reason {
  const address = BigInt.asIntN(64, fault.info.address)
  const pointer = `${accessIn(fault, 'use of')} a null pointer`
  const how = address < 0n ? 'a negative offset, ' : address >= PAGE_BYTES ? 'a large offset, ' : ''
  const sentence = address === 0n ? pointer : `${pointer} (${how}${shown(address)})`
  return { code: 'null-pointer', sentence }
}

/** Who may read may not have been refused to read: it was a write. */
function forbidden(fault: Fault, mapping: Mapping | undefined): Reason {
  const { address } = fault.info
  const where = mapping === undefined ? shown(address) : `${nameOf(mapping)}, ${shown(address)}`
  const [mayRead, mayWrite] = [mapping?.permissions[0] === 'r', mapping?.permissions[1] === 'w']
  const isWrite = mapping === undefined ? fault.at.access === 'write' : mayRead && !mayWrite
  if (isWrite) return { code: 'read-only-write', sentence: `write to read-only memory (${where})` }
  const memory = mapping?.permissions.startsWith('---')
    ? 'memory without any access rights'
    : 'protected memory'
  return { code: 'bad-address', sentence: `${accessIn(fault, 'access to')} ${memory} (${where})` }
}

/**
 * arm64 tells the upper bits of a wild address as it likes: 0xdeadbeef… comes as 0xffadbeef…, for bit 55 says which
 * half it is of, and the byte above may be a tag (arch/arm64/mm/fault.c). The kernel's own memory begins at
 * 0xfff0….
 */
const LOWEST_OF_KERNEL = { 'x86-64': 1n << 63n, aarch64: 0xfffn << 52n } as const

function isOfKernel({ info, machine = 'x86-64' }: Fault): boolean {
  return BigInt.asUintN(64, info.address) >= LOWEST_OF_KERNEL[machine]
}

/** A mapping that is there has come while the process died, or has gone and come again. */
function unmapped(fault: Fault, mapping: Mapping | undefined): Reason {
  const { address } = fault.info
  const access = accessIn(fault, 'access to')
  if (isOfKernel(fault))
    return { code: 'bad-address', sentence: `${access} an address of the kernel (${shown(address)})` }
  const before = fault.mappings?.find(
    ({ end, permissions }) => end <= address && address < end + PAGE_BYTES && permissions.startsWith('r'),
  )
  const place =
    before === undefined || mapping !== undefined
      ? `an address where nothing is mapped (${shown(address)})`
      : `memory just past the end of ${nameOf(before)} (${shown(address)})`
  return { code: 'bad-address', sentence: `${access} ${place}` }
}
