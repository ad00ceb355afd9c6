import assert from 'node:assert/strict'
import { it } from 'node:test'
import { observe } from '../../../handler/identity/observe.ts'
import { nodeProc } from '../../../handler/identity/proc.ts'
import { CONTAINER_ID, dumpingProcess, fakeProc, POD_UID, STARTED } from '../../fakes/fake-proc.ts'

const args = { pid: 4242, comm: 'app', crashedAt: null, pidFd: 3 }

it('observe() sees the process that the kernel holds', async () => {
  assert.deepEqual(await observe(args, fakeProc(dumpingProcess(4242))), {
    cgroup: `0::/kubepods/besteffort/pod${POD_UID}/${CONTAINER_ID}\n`,
    executable: '/app/server',
    commandLine: '/app/server\0--password=hunter2\0--port\x008080\0',
    namespacedPid: 7,
    uid: 10001,
    gid: 10002,
    threads: 3,
    residentBytes: 3072 * 1024,
  })
})

it('observe() has the environment, which nothing writes down', async () => {
  const environ = { '/proc/4242/task/4242/environ': 'HOME=/root\0' }
  assert.equal((await observe(args, fakeProc(dumpingProcess(4242, environ)))).environment, 'HOME=/root\0')
})

it('observe() names an executable that was replaced while it ran', async () => {
  const files = dumpingProcess(4242, { '/proc/4242/task/4242/exe': '/app/server (deleted)' })
  assert.equal((await observe(args, fakeProc(files))).executable, '/app/server')
})

it('observe() asks the thread that crashed: the first one has left', async () => {
  const seen = await observe({ ...args, threadId: 4245 }, fakeProc(dumpingProcess(4242, {}, 4245)))
  assert.deepEqual(seen, await observe(args, fakeProc(dumpingProcess(4242))))
})

it('observe() finds the thread that crashed where core_pattern has no %I', async () => {
  const seen = await observe(args, fakeProc(dumpingProcess(4242, {}, 4245)))
  assert.deepEqual([seen.executable, seen.namespacedPid], ['/app/server', 7])
})

const root = { '/proc/4242/task/4242/cgroup': '3:memory:/\n0::/\n' }
const ours = { '/proc/self/ns/pid': 'pid:[1]', '/proc/self/ns/mnt': 'mnt:[2]' }
const its = (pid: string, mnt: string) => ({
  '/proc/4242/task/4242/ns/pid': pid,
  '/proc/4242/task/4242/ns/mnt': mnt,
})
const places: { name: string; files: Record<string, string>; unverified: RegExp | undefined }[] = [
  { name: "in the node's namespaces", files: its('pid:[1]', 'mnt:[2]'), unverified: undefined },
  { name: 'in a pid namespace of its own', files: its('pid:[9]', 'mnt:[2]'), unverified: /pid namespace/ },
  { name: 'in a root of its own', files: its('pid:[1]', 'mnt:[9]'), unverified: /mnt namespace/ },
  { name: 'whose namespaces cannot be read', files: {}, unverified: /pid namespace/ },
]
for (const { name, files, unverified } of places) {
  it(`observe() takes the root of every cgroup for ${unverified ? 'nothing' : 'a place of the node'}: a process ${name}`, async () => {
    const seen = await observe(args, fakeProc(dumpingProcess(4242, { ...root, ...ours, ...files })))
    assert.equal(seen.cgroup, unverified ? null : root['/proc/4242/task/4242/cgroup'])
    if (unverified) assert.match(seen.unverified ?? '', unverified)
    else assert.equal(seen.unverified, undefined)
    assert.equal(seen.executable, '/app/server')
  })
}

// JavaScript's /m ends a line at each of these; the kernel ends one at a line feed, which it writes as `\\n`
// in a name.
for (const end of ['\r', '\u2028', '\u2029', '\v', '\f', '\x85']) {
  it(`observe() believes no name that a process gave itself: after ${JSON.stringify(end)}`, async () => {
    const status = (dumping: 0 | 1) =>
      `Name:\t${end}NStgid:\t1${end}CoreDumping:1${end}Uid:\t0\nNStgid:\t4242\t7\nUid:\t10001\nCoreDumping:\t${dumping}\n`
    const lively = fakeProc(dumpingProcess(4242, { '/proc/4242/task/4242/status': status(0) }))
    assert.match((await observe(args, lively)).unverified ?? '', /is not dumping core/)
    const dead = fakeProc(dumpingProcess(4242, { '/proc/4242/task/4242/status': status(1) }))
    const { namespacedPid, uid } = await observe(args, dead)
    assert.deepEqual([namespacedPid, uid], [7, 10001])
  })
}

it('observe() believes no name without an end of its own either', async () => {
  const files = dumpingProcess(4242, {
    '/proc/4242/task/4242/status': 'Name:\tCoreDumping:\t1\nCoreDumping:\t0\n',
  })
  assert.match((await observe(args, fakeProc(files))).unverified ?? '', /is not dumping core/)
})

const doubts: { name: string; overrides: Record<string, string | null>; reason: RegExp }[] = [
  {
    name: 'it is gone',
    overrides: { '/proc/4242/task/4242/status': null, '/proc/4242/task/4242/stat': null },
    reason: /gone/,
  },
  {
    name: 'the pidfd says that it is gone',
    overrides: { '/proc/self/fdinfo/3': 'Pid:\t-1\n' },
    reason: /pidfd is of process -1/,
  },
  {
    name: 'the pidfd is of another',
    overrides: { '/proc/self/fdinfo/3': 'Pid:\t77\n' },
    reason: /pidfd is of process 77/,
  },
  {
    name: 'it is not dumping',
    overrides: { '/proc/4242/task/4242/status': 'Name:\tx\nCoreDumping:\t0\n' },
    reason: /not dumping/,
  },
  { name: 'its cgroup cannot be read', overrides: { '/proc/4242/task/4242/cgroup': null }, reason: /cgroup/ },
]
for (const { name, overrides, reason } of doubts) {
  it(`observe() says nothing of a process when ${name}`, async () => {
    const { unverified, cgroup, executable } = await observe(args, fakeProc(dumpingProcess(4242, overrides)))
    assert.match(unverified ?? '', reason)
    assert.deepEqual(
      [cgroup, name.includes('cgroup') ? null : executable],
      [null, name.includes('cgroup') ? null : undefined],
    )
  })
}

it('observe() says nothing of a process that took the pid while it looked', async () => {
  const files = dumpingProcess(4242)
  const recycle = (path: string) => {
    if (path === '/proc/4242/task/4242/cmdline')
      files['/proc/4242/task/4242/stat'] =
        files['/proc/4242/task/4242/stat']?.replace(String(STARTED), '999999') ?? null
  }
  const seen = await observe(args, fakeProc(files, recycle))
  assert.match(seen.unverified ?? '', /replaced by another/)
  assert.equal(seen.executable, undefined)
})

it('observe() trusts what an old kernel cannot say: no pidfd, no CoreDumping', async () => {
  const status = 'Name:\tapp\nNStgid:\t4242\t7\nThreads:\t1\n'
  const files = dumpingProcess(4242, { '/proc/4242/task/4242/status': status })
  const { pidFd: _, ...old } = args
  assert.equal((await observe(old, fakeProc(files))).unverified, undefined)
})

it('nodeProc() reads this very process', async () => {
  const proc = nodeProc(1)
  assert.match(
    (await proc.read(`/proc/${process.pid}/status`, 65536)) ?? '',
    new RegExp(`^Pid:\\t${process.pid}$`, 'm'),
  )
  assert.equal(await proc.link(`/proc/${process.pid}/exe`), process.execPath)
  assert.equal((await proc.read(`/proc/${process.pid}/cmdline`, 3))?.length, 3)
  assert.equal(await proc.read('/proc/0/status', 10), null)
})
