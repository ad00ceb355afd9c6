import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { it } from 'node:test'

const MAIN = path.resolve(import.meta.dirname, '../../api/main.ts')

function said(...args: string[]) {
  const env = { PATH: process.env.PATH }
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', env })
}

it('coredog-handler api --help names the options, and says how it is asked', () => {
  const { status, stdout } = said('--help')
  assert.equal(status, 0)
  for (const word of ['--port', '--detector-paths', '--api-service', 'API_CERT_FILE', 'kubectl get cores'])
    assert.ok(stdout.includes(word), word)
})

it('coredog-handler api says what to do where there is no cluster, and refuses what is no port', () => {
  const { status, stderr } = said('run')
  assert.equal(status, 1)
  assert.match(stderr, /this is not a pod of Kubernetes\nApply the manifests of coredog-api/)
  assert.match(said('run', '--port=x').stderr, /It is a number from 0 to 65535/)
})
