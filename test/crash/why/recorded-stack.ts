import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { StackFrame } from '../../../crash/why/stack-frame.ts'

const FILE = path.join(import.meta.dirname, '../../fixtures/why/stacks/stacks.jsonl')

/** The stacks of real crashes, by program and crash. test/fixtures/why/README.md says how. */
export const STACKS: ReadonlyMap<string, readonly StackFrame[]> = new Map(
  readFileSync(FILE, 'utf8').trimEnd().split('\n').map(stackIn),
)

type RecordedFrame = readonly [name: string | null, module: string, buildId: string | null, offset: string]

function stackIn(line: string): [string, readonly StackFrame[]] {
  const { name, frames }: { name: string; frames: readonly RecordedFrame[] } = JSON.parse(line)
  const stack = frames.map(([functionName, module, buildId, offset], index) => ({
    functionName,
    module,
    buildId,
    offset: BigInt(offset),
    trust: index === 0 ? 'context' : 'cfi',
  }))
  return [name, stack]
}
