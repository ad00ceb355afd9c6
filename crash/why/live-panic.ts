import type { PanicOnStack, RustPanic } from './rust-panic.ts'

/** A frame of a walked stack. */
export interface PanickingFrame {
  readonly stackPointer: bigint
  /** Demangled; `null`: nothing names it. */
  readonly functionName: string | null
}

/** The value lies with what called the hook's caller, or with the one that called that. */
const MOST_CALLS = 3
const PANICKING = /^std(?:\[[0-9a-f]{1,16}\])?::panicking::/

/**
 * The panic that is at work: the innermost of those that lie in a frame that is still there, and have their value
 * in another one. What an earlier panic has left lies as a whole in what one function has not written to; of
 * functions that have names, the frame is that of the standard library.
 *
 * @param frames Of the thread, the innermost first.
 */
export function livePanic(
  panics: readonly PanicOnStack[],
  frames: readonly PanickingFrame[],
): RustPanic | null {
  const live = panics.filter(({ address, payloadAddress }) => {
    const at = frameOf(address, frames)
    const calls = frameOf(payloadAddress, frames) - at
    const name = frames[at]?.functionName
    return calls >= 1 && calls <= MOST_CALLS && (name == null || PANICKING.test(name))
  })
  const [first] = live
  if (first === undefined) return null
  const same = live.filter(({ address, place }) => place === first.place && isIn(address, first, frames))
  const words = new Set(same.flatMap(({ words }) => words ?? []))
  const [said] = words
  return { place: first.place, ...(said !== undefined && words.size === 1 && { words: said }) }
}

function isIn(address: bigint, other: PanicOnStack, frames: readonly PanickingFrame[]): boolean {
  return frameOf(address, frames) === frameOf(other.address, frames)
}

/** Its index; -1: it is of none. The last frame has no end. */
function frameOf(address: bigint, frames: readonly PanickingFrame[]): number {
  const next = frames.findIndex(({ stackPointer }) => stackPointer > address)
  return next - 1
}
