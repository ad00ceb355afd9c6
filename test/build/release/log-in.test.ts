import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { logIn } from '../../../build/release/log-in.ts'
import { releaseFor } from '../../../build/release/release.ts'
import { missingProgram } from './missing-program.ts'

const lacks = missingProgram('crane')

it('writes who we are where the release says', {
  skip: lacks !== null && 'there is no crane here',
}, async t => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-login-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const release = releaseFor('registry.example/coredog', folder, { DOCKER_CONFIG: folder })
  assert.equal(await logIn(release, 'somebody', 'secret'), 'logged in to registry.example')
  const { auths } = JSON.parse(readFileSync(path.join(folder, 'config.json'), 'utf8'))
  assert.deepEqual(auths, { 'registry.example': { auth: btoa('somebody:secret') } })
})

it('says what to do where crane is missing, and where nobody says who we are', async () => {
  const release = releaseFor('registry.example/coredog', '/nowhere', { PATH: '/nowhere' })
  await assert.rejects(logIn(release, 'somebody', 'secret'), {
    name: 'OperatorError',
    message: 'Cannot find "crane"',
  })
  await assert.rejects(logIn(release, 'somebody', ''), { hint: 'Set GITHUB_ACTOR and GITHUB_TOKEN.' })
})
