/** What the kernel puts onto a stack to call a handler, as far as it is looked at. */
export interface SignalFrameParts {
  readonly instruction: bigint
  readonly stackPointer: bigint
  readonly faultAddress?: bigint
  readonly trap?: { readonly number: number; readonly errorCode: number }
  readonly info?: { readonly number: number; readonly code: number; readonly address: bigint }
}

/** struct ucontext and siginfo_t of x86-64, from where the stack pointer of a handler's caller is. */
export function x86SignalFrame(parts: SignalFrameParts): Buffer {
  const frame = Buffer.alloc(304 + 128)
  frame.writeBigUInt64LE(7n, 0)
  frame.writeBigUInt64LE(parts.stackPointer, 160)
  frame.writeBigUInt64LE(parts.instruction, 168)
  // cs and ss of user space; gs and fs are 0.
  frame.writeBigUInt64LE(0x002b_0000_0000_0033n, 184)
  frame.writeBigUInt64LE(BigInt(parts.trap?.errorCode ?? 0), 192)
  frame.writeBigUInt64LE(BigInt(parts.trap?.number ?? 0), 200)
  frame.writeBigUInt64LE(parts.faultAddress ?? 0n, 216)
  writeInfo(frame, 304, parts)
  return frame
}

/** siginfo_t and struct ucontext of aarch64, and how the record of its vector registers begins. */
export function aarch64SignalFrame(parts: SignalFrameParts): Buffer {
  const frame = Buffer.alloc(4688)
  writeInfo(frame, 0, parts)
  frame.writeBigUInt64LE(parts.faultAddress ?? 0n, 304)
  frame.writeBigUInt64LE(parts.stackPointer, 560)
  frame.writeBigUInt64LE(parts.instruction, 568)
  frame.writeUInt32LE(0x4650_8001, 592)
  frame.writeUInt32LE(528, 596)
  return frame
}

function writeInfo(frame: Buffer, at: number, { info }: SignalFrameParts): void {
  frame.writeInt32LE(info?.number ?? 0, at)
  frame.writeInt32LE(info?.code ?? 0, at + 8)
  frame.writeBigUInt64LE(info?.address ?? 0n, at + 16)
}
