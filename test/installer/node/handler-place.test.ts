import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { placeHandler, removeHandler } from '../../../installer/node/handler-place.ts'
import { isNoexec } from '../../../installer/node/noexec.ts'
import { explain } from '../../../installer/node/why-not-run.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { fakeHandler, listing, scratchNode } from './scratch-node.ts'

it('placeHandler() takes the first directory that works', async t => {
  const folder = temporaryFolder(t)
  const node = scratchNode(folder)
  const source = fakeHandler(folder, '1.0.0')
  const placed = await placeHandler(node, source, ['/opt/bin', '/usr/local/bin', '/opt/coredog/bin'])
  assert.equal(placed, '/usr/local/bin/coredog-handler')
  assert.equal(existsSync(node.host.path('/opt')), false)
})

it('placeHandler() says of every directory why not, and leaves nothing there', async t => {
  const folder = temporaryFolder(t)
  const node = scratchNode(folder)
  const before = listing(node)
  const broken = path.join(folder, 'broken')
  writeFileSync(broken, '#!/bin/sh\necho "version GLIBC_2.28 not found" >&2\nexit 1\n')
  await assert.rejects(placeHandler(node, broken, ['/opt/bin', '/usr/local/bin', '/var/lib/coredog/bin']), {
    name: 'OperatorError',
    message: /\/opt\/bin: it is not there; \/usr\/local\/bin: the C library of the node is too old/,
    hint: /glibc 2\.28/,
  })
  assert.deepEqual(listing(node), before)
})

it('placeHandler() and removeHandler() do not disturb a handler that runs', { timeout: 120_000 }, async t => {
  const node = scratchNode(temporaryFolder(t))
  const placed = node.host.path(await placeHandler(node, '/bin/sleep', ['/usr/local/bin']))
  const running = spawn(placed, ['600'])
  await once(running, 'spawn')
  try {
    // Not a stand-in script: the kernel answers ETXTBSY to who writes into a program that runs.
    await placeHandler(node, '/bin/true', ['/usr/local/bin'])
    assert.deepEqual(readFileSync(placed), readFileSync('/bin/true'))
    assert.equal(readlinkSync(`/proc/${running.pid}/exe`), `${placed} (deleted)`)
    await removeHandler(node, '/usr/local/bin')
    assert.equal(existsSync(placed), false)
    assert.equal(running.exitCode, null)
  } finally {
    running.kill('SIGKILL')
  }
})

const here = { noexec: false, selinuxEnforcing: false }
const denied = { exitCode: 126, stdout: '', stderr: 'chroot: failed to run command: Permission denied' }
const causes = [
  {
    name: 'noexec',
    outcome: denied,
    around: { ...here, noexec: true, selinuxEnforcing: true },
    cause: /noexec/,
  },
  { name: 'SELinux', outcome: denied, around: { ...here, selinuxEnforcing: true }, cause: /SELinux/ },
  { name: 'neither', outcome: denied, around: here, cause: /may not be started/ },
  {
    name: 'no loader',
    outcome: { ...denied, exitCode: 127, stderr: 'not found' },
    around: here,
    cause: /loader/,
  },
  {
    name: 'no library',
    outcome: {
      exitCode: 127,
      stdout: '',
      stderr:
        '/h: error while loading shared libraries: libstdc++.so.6: cannot open shared object file: No such file or directory',
    },
    around: here,
    cause: /no libstdc\+\+\.so\.6,/,
  },
  {
    name: 'an old C library, before any library that it lacks',
    outcome: {
      exitCode: 1,
      stdout: '',
      stderr: "/h: version `GLIBC_2.28' not found; error while loading shared libraries: libm.so.6: no",
    },
    around: here,
    cause: /C library of the node is too old/,
  },
  {
    name: 'denied, before it was started',
    outcome: { exitCode: null, code: 'EACCES', stdout: '', stderr: '' },
    around: here,
    cause: /may not be started \(EACCES\)/,
  },
  {
    name: 'another processor',
    outcome: { ...denied, stderr: 'Exec format error' },
    around: here,
    cause: /processor/,
  },
  {
    name: 'no chroot',
    outcome: { exitCode: null, code: 'ENOENT', stdout: '', stderr: '' },
    around: here,
    cause: /chroot in the image/,
  },
  { name: 'a crash', outcome: { exitCode: null, stdout: '', stderr: '' }, around: here, cause: /a signal/ },
]
for (const { name, outcome, around, cause } of causes) {
  it(`explain() names the cause: ${name}`, () => assert.match(explain(outcome, around).cause, cause))
}

it('isNoexec() looks at the mount that the folder is on', () => {
  const mounts = [
    '22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw',
    '23 22 8:2 / /host/home rw,nosuid,noexec - ext4 /dev/sda2 rw',
    '24 23 8:2 /k /host/home/kubernetes/bin rw,nosuid - ext4 /dev/sda2 rw',
  ].join('\n')
  const folders = ['/host/home', '/host/home/a', '/host/homes', '/host/home/kubernetes/bin', '/opt']
  assert.deepEqual(
    folders.map(folder => isNoexec(mounts, folder)),
    [true, true, false, false, false],
  )
})
