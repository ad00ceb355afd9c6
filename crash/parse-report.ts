import { fieldsIn } from './fields.ts'
import { fittingOf } from './fitting.ts'
import schema from './report.schema.json' with { type: 'json' }
import type { CrashReport } from './report.ts'

const fitting = fittingOf(schema)

/**
 * What a `report.json` says, as far as it is what a report of ours can say: it may be anybody's who may write to the
 * bucket. `null`: it is none. Pure.
 */
export function parseReport(json: string): CrashReport | null {
  return (fitting(fieldsIn(json)) as CrashReport | undefined) ?? null
}
