import type { Memory } from '../image/memory.ts'
import type { Fault } from './fault.ts'
import type { Reason } from './reason-code.ts'
import { OVERWRITTEN_BUFFER, reasonOfWay } from './way-to-abort.ts'

/** Of musl, old and new, as far as it exports them; with it linked statically also what is inside. */
const MEMORY =
  /^_{0,2}(?:libc_)?(?:malloc|calloc|realloc|free|memalign|aligned_alloc|posix_memalign|malloc_usable_size)(?:_impl)?$|^__(?:bin_chunk|malloc_\w{1,40})$/

/**
 * Where musl ends a program whose memory it found damaged: it does not abort, but executes hlt on x86-64, or
 * writes to a null pointer elsewhere (a_crash in arch/*\/atomic_arch.h and src/internal/atomic.h). By the name of
 * the function, or by the code of `__stack_chk_fail`. V8, too, ends by a trap. `null`: it is something else.
 */
export function reasonOfFailedCheck(fault: Fault): Reason | null {
  const { functions = [], at } = fault
  const [innermost = ''] = functions
  if (innermost === V8_ABORT) return reasonOfWay(functions)
  if (/^__stack_chk_fail(?:_local)?$/.test(innermost) || isStackCheck(fault))
    return { code: 'abort', sentence: OVERWRITTEN_BUFFER }
  if (at.mnemonic !== 'hlt' || !MEMORY.test(innermost)) return null
  const sentence = `memory of malloc() was overwritten or freed twice (found in ${innermost}())`
  return { code: 'abort', sentence }
}

/** A trap instruction, and where V8 is told to, abort(). */
const V8_ABORT = 'v8::base::OS::Abort()'

const HLT_RET = Buffer.from('f4c3', 'hex')

/** Without a name: no other function is called to do nothing but that. */
function isStackCheck({ machine, code, isAtEntry }: Fault): boolean {
  return machine === 'x86-64' && isAtEntry === true && code?.subarray(0, 2).equals(HLT_RET) === true
}

const CALL = 0xe8
const CALL_BYTES = 5

/** Whether the call before the return address on the stack led to this very instruction; of x86-64. */
export function isCalled(memory: Memory, instruction: bigint, stackPointer: bigint): boolean {
  const returnAddress = memory.read(stackPointer, 8)?.readBigUInt64LE() ?? 0n
  const call = returnAddress < CALL_BYTES ? null : memory.read(returnAddress - BigInt(CALL_BYTES), CALL_BYTES)
  if (call?.[0] !== CALL) return false
  return BigInt.asUintN(64, returnAddress + BigInt(call.readInt32LE(1))) === instruction
}
