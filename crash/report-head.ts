import { fieldsIn } from './fields.ts'
import { fittingOf } from './fitting.ts'
import schema from './report.schema.json' with { type: 'json' }
import type { CrashReport } from './report.ts'

/** A report without its stacks and programs, which are most of it: what a list shows. */
export interface ReportHead
  extends Pick<CrashReport, 'id' | 'node' | 'pod' | 'container' | 'process' | 'core' | 'seen'> {
  readonly crash?: Pick<NonNullable<CrashReport['crash']>, 'reason' | 'reasonCode' | 'group'>
}

/** As `parseReport`. Pure. */
export function parseReportHead(json: string): ReportHead | null {
  return (fitting(fieldsIn(json)) as ReportHead | undefined) ?? null
}

const { id, node, pod, container, process, core, seen, crash } = schema.properties
const { reason, reasonCode, group } = crash.properties
const fitting = fittingOf({
  ...schema,
  properties: {
    ...{ schema: schema.properties.schema, id, node, pod, container, process, core, seen },
    crash: { ...crash, properties: { reason, reasonCode, group } },
  },
})
