import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { askDashboard } from '../../../build/pictures/dashboard-record.ts'
import { NO_PROMETHEUS } from '../../deploy/real-prometheus.ts'

const FILE = path.resolve(import.meta.dirname, '../../../build/pictures/dashboard.txt')

it('build/pictures/dashboard.txt is what a real Prometheus says', async t => {
  const said = await askDashboard()
  if (said === null) return t.skip(NO_PROMETHEUS)
  assert.equal(readFileSync(FILE, 'utf8'), said, 'It is stale: run `npm run pictures`')
})
