import assert from 'node:assert/strict'
import path from 'node:path'
import { it } from 'node:test'
import { parseConfig } from '../../config/parse-config.ts'
import { FILE_PATTERN } from '../../installer/node/capture-mode.ts'
import { State } from '../../webhook/state.ts'

const STORAGE = 'StorageConfig: {protocol: cfs, CFSMountPath: /mnt}\n'

it('State is ready once there are a certificate and a configuration, until it leaves', () => {
  const state = new State()
  assert.deepEqual(state.problems, [
    'there is no certificate yet',
    'no valid configuration has been there yet',
  ])
  assert.equal(state.settings.hostPath, false)
  state.hasKeyPair = true
  state.config = parseConfig(STORAGE).config
  assert.deepEqual(state.problems, [])
  state.isLeaving = true
  assert.equal(state.problems.length, 1)
})

it('State names the folder of the file pattern that the installer sets', () => {
  const state = new State()
  state.config = parseConfig(`${STORAGE}fallback: {corePattern: true, dumpsDir: /data/cores}\n`).config
  const kernelFolder = path.posix.dirname(FILE_PATTERN)
  const podSecurityDefault = 'baseline'
  assert.deepEqual(state.settings, {
    hostPath: true,
    dumpsDir: '/data/cores',
    podSecurityDefault,
    kernelFolder,
  })
})
