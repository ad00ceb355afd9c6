import assert from 'node:assert/strict'
import { it } from 'node:test'
import { senderOf } from '../../../handler/why/sender.ts'
import { fakeProc } from '../../fakes/fake-proc.ts'

const CRASHED = { pid: 500, threadId: 502 }
const HANDLER_BEGAN = 9000

/** A process as proc(5) shows it; `ids`: its pid in the node's namespace and in those below. */
function process(ids: readonly number[], parent: number, comm: string, began = 100, name = `${ids[0]}`) {
  return {
    [`/proc/${name}/status`]: `Name:\t${comm}\nPPid:\t${parent}\nUid:\t33\t0\t0\t0\nNStgid:\t${ids.join('\t')}\n`,
    [`/proc/${name}/stat`]: `${ids[0]} (${comm}) S ${parent} 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 ${began} 0 0`,
    [`/proc/${name}/comm`]: `${comm}\n`,
  }
}

const HANDLER = process([900], 2, 'handler', HANDLER_BEGAN, 'self')
const NODE = { ...HANDLER, ...process([500], 1, 'app', 100, '500/task/502') }
/** In a container: a shell, which has started the one that crashed, and a script beside it. */
const CONTAINER = {
  ...HANDLER,
  ...process([500, 7], 400, 'app', 100, '500/task/502'),
  '/proc/500/task/502/cgroup': '4:memory:/\n0::/kubepods/pod1/c1\n',
  ...process([400, 1], 300, 'sh'),
  ...process([300], 1, 'shim'),
  ...process([600, 42], 300, 'script'),
  ...process([700, 42, 7], 300, 'elsewhere'),
  '/sys/fs/cgroup/kubepods/pod1/c1/cgroup.procs': '400\n500\n600\n7',
}

it('senderOf() a process of the node is the one with its pid', async () => {
  const proc = fakeProc({ ...NODE, ...process([77], 1, 'killer') })
  assert.deepEqual(await senderOf(CRASHED, 77, proc), { pid: 77, comm: 'killer', uid: 33 })
})

it('senderOf() a process in a container is an ancestor, or beside it in its cgroup', async () => {
  const proc = fakeProc(CONTAINER)
  assert.deepEqual(await senderOf(CRASHED, 1, proc), { pid: 400, comm: 'sh', uid: 33 })
  assert.deepEqual(await senderOf(CRASHED, 42, proc), { pid: 600, comm: 'script', uid: 33 })
  const v1 = {
    ...CONTAINER,
    '/proc/500/task/502/cgroup': '1:name=systemd:/docker/c1\n0::/\n',
    '/sys/fs/cgroup//cgroup.procs': '1\n',
    '/sys/fs/cgroup/systemd/docker/c1/cgroup.procs': '600\n',
  }
  assert.equal((await senderOf(CRASHED, 42, fakeProc(v1)))?.pid, 600)
})

it('senderOf() nobody is known where it is outside, elsewhere or gone', async () => {
  const proc = fakeProc(CONTAINER)
  assert.equal(await senderOf(CRASHED, 0, proc), null)
  assert.equal(await senderOf(CRASHED, 300, proc), null)
  assert.equal(await senderOf(CRASHED, 43, proc), null)
  assert.equal(await senderOf(CRASHED, 77, fakeProc(NODE)), null)
  assert.equal(await senderOf(CRASHED, 77, fakeProc({})), null)
})

it('senderOf() a process that began after the crash is another one with its pid', async () => {
  const later = process([77], 1, 'other', HANDLER_BEGAN + 1)
  assert.equal(await senderOf(CRASHED, 77, fakeProc({ ...NODE, ...later })), null)
})

it('senderOf() looks at 128 processes of a cgroup at the most', async () => {
  const read: string[] = []
  const procs = Array.from({ length: 5000 }, (_, index) => 1000 + index)
  const many = { ...CONTAINER, '/sys/fs/cgroup/kubepods/pod1/c1/cgroup.procs': `${procs.join('\n')}\n` }
  const proc = fakeProc(many, path => read.push(path))
  assert.equal(await senderOf(CRASHED, 43, proc), null)
  assert.equal(read.filter(path => /^\/proc\/\d{4}\//.test(path)).length, 128)
})
