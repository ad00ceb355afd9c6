import type { MappedFile } from '../../crash/mapped-file.ts'
import type { Mapping } from '../../crash/mapping.ts'
import type { Python } from '../../crash/python/interpreter.ts'
import type { SignalInfo } from '../../crash/signal-info.ts'
import type { Sender } from '../../crash/why/reason.ts'
import type { RuntimeFile } from './runtime-file.ts'

/**
 * What is taken of a process while the kernel holds it, to find out afterwards why it crashed: copies, and files
 * that stay open when the process is gone. It goes to another thread as it is.
 */
export interface Evidence {
  /** e_machine of elf(5). */
  readonly machine: number
  readonly signal: number
  readonly info?: SignalInfo
  /** In its own pid namespace. */
  readonly pid?: number
  /** Who sent the signal, where that was another process and is known. */
  readonly sender?: Sender
  /** By their ids in its own pid namespace. */
  readonly threadNames: ReadonlyMap<number, string>
  /** As in the report's `signal.call`. */
  readonly call: string | null
  /** Whose it was, as a fingerprint has it. */
  readonly owner: { readonly workload: string; readonly container: string }
  /** NT_PRSTATUS of its threads, the crashing one first. */
  readonly statuses: readonly Uint8Array[]
  /** Those around the addresses that tell something, in their order. */
  readonly mappings: readonly Mapping[]
  readonly pieces: readonly Piece[]
  readonly modules: readonly OpenModule[]
  readonly unopened?: readonly UnopenedModule[]
  readonly vdso?: bigint
  /** Where the program begins: AT_ENTRY of getauxval(3). */
  readonly entry?: bigint
  /** Where glibc keeps what it said before it aborted; its text is among the pieces. */
  readonly abortMessageAt?: bigint
  readonly runtimeFiles?: readonly RuntimeFile[]
  /** The interpreter of the thread that crashed; its frames are among the pieces. */
  readonly python?: Python
}

/** A piece of its memory. */
export interface Piece {
  readonly address: bigint
  readonly bytes: Uint8Array
}

/** A file of code that it had mapped. */
interface Module {
  readonly path: string
  readonly ranges: readonly Pick<MappedFile, 'start' | 'end' | 'fileOffset'>[]
}

export interface OpenModule extends Module {
  readonly fd: number
  readonly sizeBytes: number
}

/** One that is not there any more, or is of another build. */
export interface UnopenedModule extends Module {
  /** Its first page: headers and build id. */
  readonly beginning: Uint8Array
}
