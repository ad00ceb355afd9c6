import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { type LocalRegistry, startRegistry } from '../../../build/release/local-registry.ts'
import { missingProgram } from './missing-program.ts'

const lacks = missingProgram('registry')

// It logs a kilobyte for each, and a pipe that is not read holds 64.
const REQUESTS = 500
const START_MS = 2000

it('answers however much it has logged, also after the time that its start may take', {
  skip: lacks !== null && `there is no ${lacks} here`,
}, async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-registry-'))
  try {
    await using registry = await startRegistry(folder, START_MS)
    const started = AbortSignal.timeout(START_MS)
    while (!started.aborted) await ask(registry)
    for (let request = 0; request < REQUESTS; request += 1) await ask(registry)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

async function ask({ name, user, password }: LocalRegistry): Promise<void> {
  const headers = { authorization: `Basic ${btoa(`${user}:${password}`)}` }
  const { status, body } = await fetch(`http://${name}/v2/`, { headers, signal: AbortSignal.timeout(20_000) })
  await body?.cancel()
  assert.equal(status, 200)
}
