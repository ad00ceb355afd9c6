import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { it } from 'node:test'
import { batchOf, outageOf } from './many.ts'
import { planTrial } from './plan.ts'

const MAIN = path.join(import.meta.dirname, 'main.ts')

it('chaos takes the options that its help tells of', () => {
  const help = run('--help').stdout
  const options = [...help.matchAll(/^ {2}(--\w+) /gm)].map(([, option]) => option)
  assert.ok(options.length > 5, help)
  assert.deepEqual(run(...options.map(option => `${option}=1`), '--help'), { stdout: help, stderr: '' })
})

it('chaos takes what it says of how to repeat a trial', () => {
  const plans = [planTrial('seed', 1, 'fake'), batchOf(2, 'seed'), outageOf(2, 'seed')]
  for (const { again } of plans) assert.equal(run(...again.split(' '), '--help').stderr, '', again)
})

function run(...options: readonly string[]): { readonly stdout: string; readonly stderr: string } {
  const { stdout, stderr } = spawnSync(process.execPath, [MAIN, ...options], { encoding: 'utf8' })
  return { stdout, stderr }
}
