import { createHash } from 'node:crypto'
import { plainModuleName } from '../common-code.ts'
import type { StackFrame } from './stack-frame.ts'

export function offsetOf({ offset }: StackFrame): string {
  return offset.toString(16)
}

/** A library that was unpacked to somewhere has another path each time, but the same build id. */
export function codeOf({ buildId, module }: StackFrame): string {
  return buildId ?? plainModuleName(module)
}

export function hashOf(kind: string, parts: readonly string[]): string {
  return createHash('sha256')
    .update([kind, ...parts].join('\0'))
    .digest('hex')
    .slice(0, 16)
}
