import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import pino from 'pino'
import { UntrustedDirectory } from '../../durable/untrusted-directory.ts'
import { Sweep } from '../../fallback/sweep.ts'
import { temporaryFolder } from '../fakes/core-file.ts'

it('Sweep enters a namespace before it lists it, so that no pod falls between the list and the watch', async t => {
  const folder = temporaryFolder(t)
  mkdirSync(path.join(folder, 'shop/first'), { recursive: true })
  await using root = await UntrustedDirectory.open(folder)
  const pods: string[] = []
  for await (const { kind, segments } of new Sweep(pino({ enabled: false })).all(root)) {
    if (kind === 'entered' && segments.length === 1) mkdirSync(path.join(folder, 'shop/second'))
    if (kind === 'entered' && segments.length === 2) pods.push(segments.join('/'))
  }
  assert.deepEqual(pods, ['shop/first', 'shop/second'])
})
