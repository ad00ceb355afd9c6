import { existsSync } from 'node:fs'
import path from 'node:path'
import type { CrashReport } from '../crash/report.ts'

/** Where the demo's store has the core and the report of a crash. */
export function storedFilesOf({ core }: CrashReport): { readonly core: string; readonly report: string } {
  const file = (core?.url ?? '').replace(/^cfs:\/\//, '')
  const report = path.join(path.dirname(file), 'report.json')
  if (!existsSync(report)) throw new Error(`Cannot find "${report}": the crash was not stored`)
  return { core: file, report }
}
