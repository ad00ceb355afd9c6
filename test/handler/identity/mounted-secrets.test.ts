import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { mountedSecrets } from '../../../handler/identity/mounted-secrets.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'

const POD = '0b6d7a9e-5c1f-4c5e-9a53-2f1f6f0b6a11'

/** As the kubelet writes a volume: names that lead by way of `..data` to what is valid now. */
function kubeletWith(
  test: TestContext,
  volumes: Readonly<Record<string, Readonly<Record<string, string | Buffer>>>>,
): string {
  const folder = temporaryFolder(test)
  for (const [volume, files] of Object.entries(volumes)) {
    const at = path.join(folder, 'pods', POD, 'volumes', volume)
    const now = path.join(at, '..2026_11_28_05_00_00.1')
    mkdirSync(now, { recursive: true })
    symlinkSync(path.basename(now), path.join(at, '..data'))
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(now, name)), { recursive: true })
      writeFileSync(path.join(now, name), text)
      symlinkSync(path.join('..data', name), path.join(at, name.replace('/', '-')))
    }
  }
  return folder
}

it('mountedSecrets() has what the kubelet wrote for a pod, and no words that are none', async t => {
  const kubelet = kubeletWith(t, {
    'kubernetes.io~secret/db': { password: 'hunter2hunter2', 'tls/key': 'a key' },
    'kubernetes.io~projected/kube-api-access': { token: 'eyJ', 'ca.crt': 'CERT', namespace: 'production' },
    'kubernetes.io~configmap/settings': { level: 'debug' },
  })
  assert.deepEqual((await mountedSecrets(POD, kubelet)).map(String).toSorted(), [
    'a key',
    'eyJ',
    'hunter2hunter2',
  ])
})

it('mountedSecrets() has bytes as they are, also where they are no text', async t => {
  const kubelet = kubeletWith(t, { 'kubernetes.io~secret/key': { raw: Buffer.from('6bc328fffe', 'hex') } })
  assert.deepEqual(await mountedSecrets(POD, kubelet), [Buffer.from('6bc328fffe', 'hex')])
})

it('mountedSecrets() has the others where one cannot be opened', async t => {
  const kubelet = kubeletWith(t, { 'kubernetes.io~secret/db': { password: 'hunter2hunter2' } })
  const volume = path.join(kubelet, 'pods', POD, 'volumes/kubernetes.io~secret/db/..data')
  // Its folder has a path that the kernel takes, and it has none.
  let folder = volume
  while (folder.length + 202 < 4096) folder = path.join(folder, 'f'.repeat(200))
  mkdirSync(folder, { recursive: true })
  execFileSync('touch', ['f'.repeat(250)], { cwd: folder })
  assert.deepEqual((await mountedSecrets(POD, kubelet)).map(String).filter(Boolean), ['hunter2hunter2'])
})

it('mountedSecrets() has none of a pod that is unknown, or of a name that leads elsewhere', async t => {
  const kubelet = kubeletWith(t, {})
  assert.deepEqual(await mountedSecrets(POD, kubelet), [])
  assert.deepEqual(await mountedSecrets('../../../etc', kubelet), [])
})
