import type { Table } from './table.ts'

/** What is promised, and what was measured of it. */
export interface Target {
  /** Of what, in words. */
  readonly what: string
  readonly wanted: string
  readonly measured: string
  /** `null`: it was not measured, and `measured` says why. */
  readonly isMet: boolean | null
}

/** What one part of the benchmark found. */
export interface Measured {
  readonly tables: readonly Table[]
  readonly targets: readonly Target[]
  /** For a program to read. */
  readonly lastLine?: string
}

export function targetTable(targets: readonly Target[]): Table {
  return {
    title: 'Targets',
    columns: ['What', 'Target', 'Measured', 'Met'],
    rows: targets.map(({ what, wanted, measured, isMet }) => [what, wanted, measured, wordFor(isMet)]),
    notes: [],
  }
}

function wordFor(isMet: boolean | null): string {
  if (isMet === null) return '–'
  return isMet ? 'yes' : 'no'
}

export function notMeasured(what: string, wanted: string, why: string): Target {
  return { what, wanted, measured: `not measured: ${why}`, isMet: null }
}
