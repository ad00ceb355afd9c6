import type { Machine } from '../image/elf-image.ts'
import type { Mapping } from '../mapping.ts'
import type { SignalInfo } from '../signal-info.ts'
import type { CxxException } from './cxx-exception.ts'
import type { RustPanic } from './rust-panic.ts'

/** What is known of a crash that tells why. All of it comes from the process: it may be anything. */
export interface Evidence {
  /** As the kernel's %s. */
  readonly signal: number
  readonly info?: SignalInfo
  /** Of the thread that crashed, as {@link stackPointer}. */
  readonly instruction?: bigint
  readonly stackPointer?: bigint
  /** Of the process, by their addresses. Absent: not known. */
  readonly mappings?: readonly Mapping[]
  /** Bytes at {@link instruction}, as many as are there; 16 are enough. */
  readonly code?: Buffer
  /** Whether a call has just led to {@link instruction}, as far as the stack and the code tell. */
  readonly isAtEntry?: boolean
  /** In its own pid namespace. */
  readonly pid?: number
  readonly machine?: Machine
  /** Who sent the signal, if it was looked up. */
  readonly sender?: Sender
  /** What the program called, where the signal is not the one that it meant: `abort()`, as abortAt() found. */
  readonly call?: string | null
  /** What it said before it gave up, as far as it is known: glibc, C++'s library, Go, Rust. */
  readonly abortMessage?: string | null
  readonly exception?: CxxException | null
  readonly panic?: string | null
  readonly rustPanic?: RustPanic | null
  /** Those on the stack of the thread that crashed, the innermost first, as far as they have names. */
  readonly functions?: readonly string[]
}

/** A process that sent a signal: its pid in the node's own pid namespace. */
export interface Sender {
  readonly pid: number
  readonly comm?: string
  readonly uid?: number
}
