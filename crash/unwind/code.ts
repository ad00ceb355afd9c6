import { PF_X, PT_LOAD } from '../elf.ts'
import type { Machine } from '../image/elf-image.ts'
import type { Memory } from '../image/memory.ts'
import type { Module, Modules } from '../image/module.ts'

/** Of one walk: each may be a read of a file. A scan of a stack looks at some tens. */
const MOST_READS = 8192
/** A hundred frames of usual functions have some ten thousand. */
const MOST_INSTRUCTION_BYTES = 512 * 1024

/** _start of musl and of glibc, on both machines. */
const LONGEST_ENTRY_BYTES = 64

/** vm.mmap_min_addr, and what both processors have for programs (with five levels of pages on x86-64). */
const [LOWEST_CODE, USER_SPACE_END] = [0x10000n, 1n << 56n]

/** The code of a process: that of its files as they have it, all other as it lies in memory. */
export class Code {
  readonly machine: Machine
  readonly #addressMask: bigint
  readonly #memory: Memory
  readonly #modules: Modules
  readonly #known = new Map<string, Buffer>()
  #readsLeft = MOST_READS
  #instructionBytesLeft = MOST_INSTRUCTION_BYTES

  /** `addressMask`: which bits of a return address are address; the others may be a signature. */
  constructor(
    machine: Machine,
    process: { readonly memory: Memory; readonly modules: Modules },
    addressMask: bigint,
  ) {
    this.machine = machine
    this.#addressMask = addressMask
    this.#memory = process.memory
    this.#modules = process.modules
  }

  /** Where a return address leads, without its signature (pointer authentication of aarch64). */
  unsigned(returnAddress: bigint): bigint {
    return this.machine === 'aarch64' ? returnAddress & this.#addressMask : returnAddress
  }

  /** Within the call before a return address. */
  addressOfCall(returnAddress: bigint): bigint {
    return BigInt.asUintN(64, returnAddress - (this.machine === 'aarch64' ? 4n : 1n))
  }

  moduleAt(address: bigint): Module | null {
    return this.#modules.at(address)
  }

  /** Whether a file has code there; also where the file is not at hand. */
  isInFile(address: bigint): boolean {
    const module = this.moduleAt(address)
    if (module === null || module.image === null) return module !== null
    const { image, bias } = module
    return image.segments.some(
      ({ type, flags, address: start, memoryBytes }) =>
        type === PT_LOAD && (flags & PF_X) !== 0 && isWithin(address - bias, start, memoryBytes),
    )
  }

  /** Whether a walk may still follow so many bytes of call frame instructions. */
  allows(instructionBytes: number): boolean {
    this.#instructionBytesLeft -= instructionBytes
    return this.#instructionBytesLeft >= 0
  }

  /** Whether a program begins there, or the interpreter that loads it: nothing called it. */
  isEntry(address: bigint): boolean {
    const module = this.moduleAt(address)
    const entry = module?.image ? module.image.entry + module.bias : null
    return entry !== null && isWithin(address, entry, LONGEST_ENTRY_BYTES)
  }

  /** Whether a process can be there. */
  mayBe(address: bigint): boolean {
    return this.isInFile(address) || this.mayBeCompiledAtRunTime(address)
  }

  /** Whether it lies where a JIT compiler may have its code. */
  mayBeCompiledAtRunTime(address: bigint): boolean {
    return address >= LOWEST_CODE && address < USER_SPACE_END && this.moduleAt(address) === null
  }

  /** Exactly `lengthBytes` of it; `null`: they are not at hand. The same are asked for again and again. */
  read(address: bigint, lengthBytes: number): Buffer | null {
    const place = `${address} ${lengthBytes}`
    const known = this.#known.get(place)
    if (known !== undefined || this.#readsLeft === 0) return known ?? null
    this.#readsLeft -= 1
    const bytes = this.#readAnew(address, lengthBytes)
    if (bytes !== null) this.#known.set(place, bytes)
    return bytes
  }

  #readAnew(address: bigint, lengthBytes: number): Buffer | null {
    const module = this.moduleAt(address)
    return (
      module?.image?.loaded(address - module.bias, lengthBytes) ?? this.#memory.read(address, lengthBytes)
    )
  }
}

function isWithin(address: bigint, start: bigint, lengthBytes: number): boolean {
  return address >= start && address < start + BigInt(lengthBytes)
}
