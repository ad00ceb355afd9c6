/** A frame of a thread, as far as it tells crashes apart. */
export interface StackFrame {
  /** Demangled; `null`: nothing names it. */
  readonly functionName: string | null
  /** Path of the mapped file; empty: it is code of none, as that of a just-in-time compiler. */
  readonly module: string
  /** Or what tells builds apart as well, where a file has none; `null`: nothing does. */
  readonly buildId: string | null
  /** As the module's own symbols have it, so that it is the same wherever the module was loaded. */
  readonly offset: bigint
  /**
   * How it was found. `scan` is a guess; of `context` is the first, and what a signal interrupted, behind its
   * handler's frames.
   */
  readonly trust: string
}
