import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { type ConfigTexts, readConfigTexts } from '../../../config/read-config.ts'
import { OperatorError } from '../../../crash/errors.ts'
import { installConfiguration } from '../../../installer/node/host-configuration.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'

const KILLS = 8
const LAST = { text: 'text of the last', secrets: 'secrets of the last' }

it(`installConfiguration() never shows the text of one version and the secrets of another, killed or not`, async t => {
  const folder = path.join(temporaryFolder(t), 'etc/coredog')
  for (let kill = 0; kill < KILLS; kill += 1) {
    const script = path.join(import.meta.dirname, 'alternating-installer.ts')
    const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
    const exit = once(child, 'exit')
    try {
      await once(child.stdout, 'data')
      for (let reads = 0; reads < 40 + kill; reads += 1) assertOneVersion(await installedIn(folder))
    } finally {
      child.kill('SIGKILL')
      await exit
    }
    assertOneVersion(await installedIn(folder))
  }
  await installConfiguration(folder, LAST)
  assert.deepEqual(await installedIn(folder), LAST)
  const names = readdirSync(folder)
  assert.deepEqual(names.filter(name => !name.startsWith('..')).toSorted(), [
    'coredog-secrets.yaml',
    'coredog.yaml',
  ])
  assert.equal(names.filter(name => name.startsWith('..version-')).length, 2)
})

/**
 * A reader that gets too little of the CPUs meets ten versions in a row that go while it reads, and says so.
 */
async function installedIn(folder: string): Promise<ConfigTexts> {
  for (;;) {
    try {
      return await readConfigTexts(path.join(folder, 'coredog.yaml'))
    } catch (error) {
      assert.ok(error instanceof OperatorError)
      assert.match(error.message, /replaced all the time/)
    }
  }
}

function assertOneVersion({ text, secrets }: ConfigTexts): void {
  const version = Number(text.slice(2))
  assert.equal(secrets, version % 3 === 2 ? null : text)
}
