import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { AttemptsFile } from '../../fallback/attempts-file.ts'
import { temporaryFolder } from '../fakes/core-file.ts'
import { openLogLines } from '../installer/log-lines.ts'

const { log, lines } = openLogLines()

it('AttemptsFile reads what it has written, and nothing of a line that a kill has cut', async t => {
  const file = path.join(temporaryFolder(t), 'state', 'attempts.jsonl')
  const written = new AttemptsFile(file, log)
  await written.replace([['a', { failures: 2, dueMs: 7 }]])
  await written.append(['b', { failures: 1, dueMs: 8 }])
  await written.append(['a', { failures: 3, dueMs: 9 }])
  await written.close()
  appendFileSync(file, '{"id":"c","failures":1,"du')
  const read = new Map(await new AttemptsFile(file, log).read())
  assert.deepEqual(Object.fromEntries(read), {
    a: { failures: 3, dueMs: 9 },
    b: { failures: 1, dueMs: 8 },
  })
})

it('AttemptsFile begins a file with its version, whichever way it is written first', async t => {
  const folder = temporaryFolder(t)
  for (const first of ['append', 'replace'] as const) {
    const file = path.join(folder, `${first}.jsonl`)
    const written = new AttemptsFile(file, log)
    if (first === 'append') await written.append(['a', { failures: 1, dueMs: 1 }])
    else await written.replace([['a', { failures: 1, dueMs: 1 }]])
    await written.close()
    assert.equal(readFileSync(file, 'utf8'), '{"version":1}\n{"id":"a","failures":1,"dueMs":1}\n')
  }
})

it('AttemptsFile says and logs that it cannot write, and writes again when it can', async t => {
  const file = path.join(temporaryFolder(t), 'attempts.jsonl')
  mkdirSync(file) // in its way, also for root
  const written = new AttemptsFile(file, log)
  assert.equal(await written.append(['a', { failures: 1, dueMs: 1 }]), false)
  assert.equal(lines.at(-1)?.msg, 'attempts at core files not written down')
  rmSync(file, { recursive: true })
  assert.equal(await written.append(['a', { failures: 1, dueMs: 1 }]), true)
  await written.close()
})
