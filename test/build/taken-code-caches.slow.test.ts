import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { builtFiles } from '../../build/built-files.ts'
import { ownArchitecture } from '../../build/node-binary.ts'

const { handler } = builtFiles(ownArchitecture())
const preload = path.join(import.meta.dirname, 'taken-code-caches.cjs')

it('in the built handler V8 takes the code caches of what each crash loads', {
  skip: !existsSync(handler) && 'dist/coredog-handler is not built',
}, () => {
  const env = { NODE_OPTIONS: `--require ${JSON.stringify(preload)}` }
  const { stderr } = spawnSync(handler, ['--config=/no/such.yaml', 'replay', '/no/such/core'], {
    env,
    encoding: 'utf8',
  })
  assert.match(stderr, /^main: taken\nprogram: taken\nCannot read "\/no\/such\.yaml"/)
})
