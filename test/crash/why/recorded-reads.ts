import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Piece } from './pieces-of-memory.ts'

const FOLDER = path.join(import.meta.dirname, '../../fixtures/why/thrown')

/** What was read of the memory of a real crash. test/fixtures/why/README.md says how. */
export interface RecordedReads {
  readonly name: string
  readonly stackPointer: string
  readonly threadPointer: string
  readonly memory: readonly Piece[]
}

export function recordedReads(file: 'exceptions.jsonl' | 'panics.jsonl'): readonly RecordedReads[] {
  const lines = readFileSync(path.join(FOLDER, file), 'utf8').trimEnd().split('\n')
  return lines.map(line => JSON.parse(line))
}
