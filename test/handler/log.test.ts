import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import type { CrashReport } from '../../crash/report.ts'
import { openLog } from '../../handler/log.ts'

it('openLog() leaves the stacks to the stored report: a line of the log is read whole', t => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-log-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = path.join(folder, 'handler.log')
  const frames = [{ function: 'main', module: '/app/server' }]
  const report: CrashReport = {
    schema: 'coredog.io/report/v1',
    id: '3f2a9c01d4e5',
    crash: { module: '/app/server', reason: 'it was tired', frames },
    threads: [{ tid: 7, frames }],
  }
  const log = openLog(file)
  log.info({ report }, 'crash stored')
  log.setBindings({ report })
  log.error('crash lost')
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  const short = { ...report, crash: { module: '/app/server', reason: 'it was tired' }, threads: undefined }
  for (const line of lines) assert.deepEqual(JSON.parse(line).report, JSON.parse(JSON.stringify(short)))
  assert.equal(lines.length, 2)
})
