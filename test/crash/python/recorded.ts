import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Types } from '../../../crash/python/interpreter.ts'
import type { Piece } from '../why/pieces-of-memory.ts'

const FOLDER = path.resolve(import.meta.dirname, '../../fixtures/python')

/** An interpreter that ran. test/fixtures/python/README.md says how they were recorded. */
export interface RecordedInterpreter {
  readonly python: string
  readonly version: bigint
  readonly runtime: bigint
  readonly types: Types
  readonly tid: number
  readonly self: bigint
  /** As it says itself, without the innermost one. */
  readonly frames: readonly { readonly function: string; readonly file: string; readonly line: number }[]
  readonly memory: readonly Piece[]
}

export interface RecordedTable {
  readonly name: string
  readonly table: string
  readonly firstLine: number
  /** From where, to where, and which. */
  readonly lines: readonly (readonly [number, number, number | null])[]
}

export function recordedInterpreters(): readonly RecordedInterpreter[] {
  return rowsOf('interpreters.jsonl').map(row => {
    const { version, runtime, self, types, ...rest } = row as unknown as Record<string, string> & {
      readonly types: Record<keyof Types, string>
    }
    const [code, text, bytes] = [types.code, types.text, types.bytes].map(BigInt) as [bigint, bigint, bigint]
    return {
      ...(rest as unknown as RecordedInterpreter),
      version: BigInt(version ?? 0),
      runtime: BigInt(runtime ?? 0),
      self: BigInt(self ?? 0),
      types: { code, text, bytes },
    }
  })
}

export function recordedTables(): readonly RecordedTable[] {
  return rowsOf('lines.jsonl') as readonly RecordedTable[]
}

function rowsOf(file: string): readonly unknown[] {
  const lines = readFileSync(path.join(FOLDER, file), 'utf8').trimEnd().split('\n')
  return lines.map(line => JSON.parse(line))
}
