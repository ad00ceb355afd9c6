/** Kinds of reasons, for programs. One may be added, none is given another meaning. */
export const REASON_CODES = [
  'null-pointer',
  'null-call',
  'wild-call',
  'stack-overflow',
  'read-only-write',
  'bad-address',
  'no-code',
  'memory-tag',
  'division-by-zero',
  'arithmetic',
  'illegal-instruction',
  'bus-error',
  'truncated-mapping',
  'hardware-error',
  'killed',
  'raised',
  'timer',
  'abort',
  'exception',
  'panic',
  'trap',
  'bad-syscall',
  'cpu-limit',
  'file-size-limit',
  'other',
] as const

export type ReasonCode = (typeof REASON_CODES)[number]

/** Why a process crashed. */
export interface Reason {
  readonly code: ReasonCode
  /** One English sentence without a period at its end: `read of a null pointer (address 0x18)`. */
  readonly sentence: string
}
