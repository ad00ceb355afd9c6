import assert from 'node:assert/strict'
import { it } from 'node:test'
import { kubeletFolderIn } from '../../../handler/identity/kubelet-folder-in.ts'

const POD = '0b6d7a9e-5c1f-4c5e-9a53-2f1f6f0b6a11'
const folderOf = (...hostPaths: string[]) =>
  kubeletFolderIn(
    hostPaths.map(hostPath => ({ hostPath })),
    POD,
  )

it('kubeletFolderIn() knows it by what a kubelet mounts into each container, and by volumes', () => {
  assert.equal(folderOf('/data', `/var/lib/kubelet/pods/${POD}/etc-hosts`), '/var/lib/kubelet')
  assert.equal(folderOf(`/var/lib/k0s/kubelet/pods/${POD}/containers/app/5d3f1a2b`), '/var/lib/k0s/kubelet')
  const volumes = `/var/snap/microk8s/common/var/lib/kubelet/pods/${POD}`
  for (const volume of ['volumes/kubernetes.io~secret/db', 'volume-subpaths/db/app/0'])
    assert.equal(folderOf(`${volumes}/${volume}`), '/var/snap/microk8s/common/var/lib/kubelet')
})

it('kubeletFolderIn() takes no other pod’s, none that leads elsewhere, and none that is not whole', () => {
  const other = POD.replace('0b', '0c')
  for (const path of [
    `/k/pods/${other}/volumes/x`,
    `/k/../e/pods/${POD}/volumes/x`,
    `/pods/${POD}/volumes/x`,
  ])
    assert.equal(folderOf(path), null, path)
  assert.equal(folderOf(`/k/pods/${POD}/volumesx`, 'k/pods', ''), null)
  assert.equal(folderOf(`/${'k'.repeat(5000)}/pods/${POD}/volumes/x`), null)
})
