import assert from 'node:assert/strict'
import { chmodSync, chownSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import fc from 'fast-check'
import { readHandoff } from '../../../handler/handoff/handoff.ts'
import { thisNode } from '../../../handler/identity/this-node.ts'
import type { HandoffPod } from '../../../handoff/run-folder.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { inputs } from '../../inputs.ts'

const POD: HandoffPod = {
  namespace: 'shop',
  name: 'web-0',
  uid: 'u',
  labels: { app: 'web' },
  annotations: { 'coredog.io/inject': 'true' },
  workload: { kind: 'StatefulSet', name: 'web' },
  containers: [
    {
      name: 'app',
      id: 'a'.repeat(64),
      image: 'web:1',
      imageId: 'web@sha256:1',
      restartCount: 0,
      startedAt: '2026-11-21T05:00:01Z',
      finishedAt: '2026-11-21T05:00:10Z',
    },
  ],
}

function handing(test: TestContext, name: string, content: string) {
  const folder = temporaryFolder(test)
  const file = path.join(folder, name)
  writeFileSync(file, content, { mode: 0o600 })
  return { folder, file, handoff: readHandoff(folder) }
}

it('readHandoff() reads what the installer wrote', t => {
  const pods = handing(t, 'pods.json', JSON.stringify([POD]))
  assert.deepEqual(pods.handoff.pods(), [POD])
  const node = handing(t, 'node.json', '{"name":"node-1","ip":"10.0.0.7"}')
  assert.deepEqual(node.handoff.node(), { name: 'node-1', ip: '10.0.0.7' })
  const named = handing(t, 'node.json', '{"name":"node-1","cluster":"3f2a9c01"}')
  assert.deepEqual(named.handoff.node(), { name: 'node-1', cluster: '3f2a9c01' })
  const addresses = handing(t, 'addresses.json', '{"minio.storage.svc":["10.96.0.9"]}')
  assert.deepEqual(addresses.handoff.addresses(), { 'minio.storage.svc': ['10.96.0.9'] })
  const keys = {
    accessKeyId: 'a',
    secretAccessKey: 'b',
    sessionToken: 'c',
    expiresAt: '2026-11-21T00:00:00Z',
  }
  assert.deepEqual(handing(t, 'credentials.json', JSON.stringify(keys)).handoff.credentials(), keys)
})

it('readHandoff() is null without an installer, and for half a file', t => {
  const { handoff } = handing(t, 'pods.json', JSON.stringify([POD]).slice(0, -5))
  assert.deepEqual(
    [handoff.pods(), handoff.node(), handoff.addresses(), handoff.credentials()],
    [null, null, null, null],
  )
})

it('readHandoff() does not believe what others can write', t => {
  const writable = handing(t, 'pods.json', '[]')
  chmodSync(writable.file, 0o620)
  assert.equal(writable.handoff.pods(), null)
  chmodSync(writable.file, 0o600)
  assert.deepEqual(writable.handoff.pods(), [])
  chmodSync(writable.folder, 0o777)
  assert.equal(writable.handoff.pods(), null)
})

it('readHandoff() does not believe what somebody else owns', {
  skip: process.geteuid?.() !== 0 && 'needs root',
}, t => {
  const { file, handoff } = handing(t, 'pods.json', '[]')
  chownSync(file, 65534, 65534)
  assert.equal(handoff.pods(), null)
})

it('readHandoff() follows no link, and reads no file without end', t => {
  const { folder, file, handoff } = handing(t, 'elsewhere.json', '[]')
  symlinkSync(file, path.join(folder, 'pods.json'))
  assert.equal(handoff.pods(), null)
  const large = handing(t, 'pods.json', `[]${' '.repeat(8 * 1024 * 1024)}`)
  assert.equal(large.handoff.pods(), null)
})

it('readHandoff() leaves a broken pod out, and keeps the others', t => {
  const broken = [{ ...POD, name: 7 }, null, { ...POD, uid: '' }]
  const odd = { ...POD, labels: { a: 1 }, workload: 'web', containers: [{ name: 'app', id: '../..' }] }
  const { handoff } = handing(t, 'pods.json', JSON.stringify([...broken, odd, POD]))
  const { workload: _, ...rest } = POD
  assert.deepEqual(handoff.pods(), [{ ...rest, labels: {}, containers: [] }, POD])
})

it('readHandoff() never throws, whatever the files hold', t => {
  const { file, handoff } = handing(t, 'pods.json', '')
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), content => {
      writeFileSync(file, content)
      assert.ok(handoff.pods() === null || Array.isArray(handoff.pods()))
    }),
    inputs(50),
  )
})

it('thisNode() goes by the name that Kubernetes has for it', () => {
  const { name, ip, kernel } = thisNode({ name: 'node-1', ip: '10.0.0.7' })
  assert.deepEqual([name, ip, kernel], ['node-1', '10.0.0.7', thisNode().kernel])
})
