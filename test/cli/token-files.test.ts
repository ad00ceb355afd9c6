import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { KubeConfig } from '@kubernetes/client-node'
import { readTokenFiles } from '../../cli/token-files.ts'
import { temporaryFolder } from '../fakes/core-file.ts'

it('readTokenFiles() reads the token of a user who has it in a file, and leaves the others theirs', t => {
  const folder = temporaryFolder(t)
  const file = path.join(folder, 'config')
  const users = [
    { name: 'pod', user: { tokenFile: 'token' } },
    { name: 'person', user: { token: 'a', tokenFile: 'token' } },
    { name: 'nobody', user: {} },
  ]
  const config = { apiVersion: 'v1', kind: 'Config', clusters: [], contexts: [], users }
  writeFileSync(file, JSON.stringify(config))
  writeFileSync(path.join(folder, 'token'), 'from a file\n')
  const read = new KubeConfig()
  read.loadFromFile(file)
  readTokenFiles(read, file)
  assert.deepEqual(
    read.users.map(({ name, token }) => [name, token]),
    [
      ['pod', 'from a file'],
      ['person', 'a'],
      ['nobody', undefined],
    ],
  )
})
