import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, it } from 'node:test'
import pino from 'pino'
import type { Config } from '../../config/config.ts'
import { followConfiguration } from '../../serving/configuration.ts'
import { rounds } from './rounds.ts'

const GOOD = 'StorageConfig: {protocol: cfs, CFSMountPath: /mnt}\n'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'coredog-webhook-'))
})
afterEach(() => rm(folder, { recursive: true }))

it('followConfiguration() hands on each new version once', async () => {
  await write(GOOD)
  const { configs } = await follow(
    () => undefined,
    () => write(`${GOOD}fallback: {hostPath: true}\n`),
    () => undefined,
  )
  assert.deepEqual(
    configs.map(({ fallback }) => fallback.hostPath),
    [false, true],
  )
})

it('followConfiguration() keeps what was in force when a new version is broken, and says so once', async () => {
  await write(GOOD)
  const { configs, refused, lines } = await follow(
    () => write('compression: rar\n'),
    () => undefined,
    () => write(GOOD),
    () => write('compression: rar\n'),
  )
  assert.equal(configs.length, 1)
  assert.equal(refused.length, 2)
  assert.match(refused[0] ?? '', /compression/)
  assert.equal(lines.filter(line => line === 'configuration refused').length, 2)
})

it('followConfiguration() waits for a configuration that is not there yet', async () => {
  const { configs, refused } = await follow(() => write(GOOD))
  assert.equal(configs.length, 1)
  assert.match(refused[0] ?? '', /there is no such file/)
})

function write(text: string): Promise<void> {
  return writeFile(path.join(folder, 'coredog.yaml'), text)
}

async function follow(...changes: readonly (() => unknown)[]) {
  const configs: Config[] = []
  const refused: string[] = []
  const lines: string[] = []
  const ending = new AbortController()
  const following = {
    configFolder: folder,
    secretsFolder: folder,
    onConfig: (config: Config) => void configs.push(config),
    onRefused: (reason: string) => void refused.push(reason),
    log: pino({}, { write: (line: string) => void lines.push(JSON.parse(line).msg) }),
    pause: rounds(ending, ...changes),
  }
  await followConfiguration(following, ending.signal)
  return { configs, refused, lines }
}
