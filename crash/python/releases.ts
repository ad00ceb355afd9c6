import { layoutByDebugOffsets } from './debug-offsets.ts'
import type { Layout } from './layout.ts'

/**
 * Facts of Include/internal/pycore_runtime.h, pycore_interp.h, pycore_frame.h, Include/cpython/pystate.h, code.h and
 * unicodeobject.h of these releases; with pointers of 64 bits they are the same on all processors.
 */
const V3_11: Layout = {
  interpretersAt: 40,
  interpreter: { nextAt: 0, threadsAt: 16 },
  thread: { nextAt: 8, frameAt: [56, 8], threadIdAt: 152, nativeIdAt: 160 },
  frame: { codeAt: 32, previousAt: 48, instructionAt: 56, ownerAt: 69 },
  code: { firstLineAt: 72, fileAt: 112, nameAt: 128, linesAt: 136, instructionsAt: 184 },
  typeAt: 8,
  bytes: { sizeAt: 16, contentAt: 32 },
  text: { lengthAt: 16, stateAt: 32, asciiAt: 48, othersAt: 72 },
}

const V3_12: Layout = {
  ...V3_11,
  interpreter: { nextAt: 0, threadsAt: 72 },
  thread: { nextAt: 8, frameAt: [56, 0], threadIdAt: 136, nativeIdAt: 144 },
  frame: { codeAt: 0, previousAt: 8, instructionAt: 56, ownerAt: 70 },
  code: { firstLineAt: 68, fileAt: 112, nameAt: 128, linesAt: 136, instructionsAt: 192 },
  text: { lengthAt: 16, stateAt: 32, asciiAt: 40, othersAt: 56 },
}

const BY_MINOR: ReadonlyMap<number, Layout> = new Map([
  [11, V3_11],
  [12, V3_12],
])

/** PY_VERSION_HEX: major, minor and micro have a byte each, and what stands last tells alphas from releases. */
export function minorOf(version: bigint): number | null {
  const [major, minor] = [Number(version >> 24n), Number((version >> 16n) & 0xffn)]
  return major === 3 ? minor : null
}

/** How much of `_PyRuntime` {@link layoutOf} looks at. */
export const RUNTIME_BYTES = 1024

/** `runtime`: the beginning of `_PyRuntime`, where releases since 3.13 say it themselves. `null`: it is not known. */
export function layoutOf(version: bigint, runtime: Buffer): Layout | null {
  const minor = minorOf(version)
  if (minor === null) return null
  return BY_MINOR.get(minor) ?? layoutByDebugOffsets(minor, version, runtime)
}
