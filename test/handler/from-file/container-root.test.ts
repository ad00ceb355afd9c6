import assert from 'node:assert/strict'
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { containerRoot } from '../../../handler/from-file/container-root.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'

const [APP, OTHER] = ['ab'.repeat(32), 'cd'.repeat(32)]
const POD = 'kubepods-besteffort-pod0b6d7a9e_5c1f_4c5e_9a53_2f1f6f0b6a11.slice'

/** A /proc with a process in `OTHER` and then one in `APP`, whose root has a file `app`. */
function processes(test: TestContext): string {
  const folder = temporaryFolder(test)
  for (const [pid, container] of [
    ['7', null],
    ['70', OTHER],
    ['700', APP],
  ] as const) {
    const root = path.join(folder, `root-of-${pid}`)
    mkdirSync(root)
    writeFileSync(path.join(root, container === APP ? 'app' : 'other'), '')
    mkdirSync(path.join(folder, pid))
    symlinkSync(root, path.join(folder, pid, 'root'))
    const cgroup =
      container === null ? '/system.slice/sshd.service' : `/../../${POD}/cri-containerd-${container}.scope`
    writeFileSync(path.join(folder, pid, 'cgroup'), `0::${cgroup}\n`)
  }
  mkdirSync(path.join(folder, '1'))
  symlinkSync('/', path.join(folder, '1/root'))
  mkdirSync(path.join(folder, 'sys'))
  return folder
}

async function namesIn(containers: readonly string[], folder: string): Promise<string[] | null> {
  await using root = await containerRoot(new Set(containers), folder)
  if (root === null) return null
  const names: string[] = []
  for await (const name of root.names()) names.push(name)
  return names
}

it('containerRoot() is that of a process in one of the containers', async t => {
  const folder = processes(t)
  assert.deepEqual(await namesIn([APP], folder), ['app'])
  assert.deepEqual(await namesIn(['ef'.repeat(32), OTHER], folder), ['other'])
})

it('containerRoot() is never the root of the node, which a process has that the runtime is about to start', async t => {
  const folder = processes(t)
  const starting = path.join(folder, '600')
  cpSync(path.join(folder, '700'), starting, { recursive: true, verbatimSymlinks: true })
  rmSync(path.join(starting, 'root'))
  symlinkSync('/', path.join(starting, 'root'))
  assert.deepEqual(await namesIn([APP], folder), ['app'])
  rmSync(path.join(folder, '700'), { recursive: true })
  assert.equal(await namesIn([APP], folder), null)
})

it('containerRoot() is found where nobody may look at the root of the node', async t => {
  const folder = processes(t)
  rmSync(path.join(folder, '1/root'))
  assert.deepEqual(await namesIn([APP], folder), ['app'])
})

it('containerRoot() is nowhere without a process in them, a container, or a /proc', async t => {
  const folder = processes(t)
  assert.equal(await namesIn(['ef'.repeat(32)], folder), null)
  assert.equal(await namesIn([], folder), null)
  assert.equal(await namesIn([APP], path.join(folder, 'gone')), null)
})
