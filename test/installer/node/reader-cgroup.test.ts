import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { access, constants, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { execa } from 'execa'
import { Host } from '../../../handoff/host.ts'
import { makeCgroup, removeCgroup } from '../../../installer/node/handler-cgroup.ts'
import { moveToReaderCgroup, READER_CGROUP } from '../../../installer/node/reader-cgroup.ts'
import { openLogLines } from '../log-lines.ts'

const MIB = 1024 * 1024

it('moveToReaderCgroup moves a process on the real hierarchies into a cgroup with the limit', async t => {
  const host = new Host('/')
  const isWritable = await access('/sys/fs/cgroup', constants.W_OK).then(
    () => process.getuid?.() === 0,
    () => false,
  )
  if (!isWritable) return t.skip('not root, or the cgroups cannot be written')
  // Not that of an installation on this machine.
  const name = `coredog-test-reader-${process.pid}`
  const { procsFiles, limits } = await makeCgroup(host, { name, memoryBytes: 64 * MIB, readAheadBytes: 0 })
  if (procsFiles.length === 0) return t.skip('no hierarchy with cpu or memory is mounted')
  const sleeper = execa('sleep', ['60'], { reject: false })
  try {
    const { log, lines } = openLogLines()
    await moveToReaderCgroup(sleeper.pid ?? 0, { host, name, memoryBytes: 64 * MIB, log })
    assert.deepEqual(lines, [])
    for (const file of procsFiles) assert.match(await readFile(file, 'utf8'), RegExp(`^${sleeper.pid}$`, 'm'))
    assert.ok(limits.length > 0)
  } finally {
    sleeper.kill('SIGKILL')
    await sleeper
    await removeCgroup(host, name)
  }
  for (const file of procsFiles) assert.ok(!existsSync(path.dirname(file)), file)
})

it('moveToReaderCgroup finds the cgroups of the node below its root, and limits them all together', async t => {
  const host = await hostWithCgroups(t)
  await moveToReaderCgroup(4242, { host, memoryBytes: 512 * MIB, log: openLogLines().log })
  const text = (name: string) => readFile(host.path(`/sys/fs/cgroup/${READER_CGROUP}/${name}`), 'utf8')
  assert.deepEqual([await text('cgroup.procs'), await text('memory.max')], ['4242', `${512 * MIB}`])
})

it('moveToReaderCgroup leaves the reader where it is when the cgroups cannot be written, and says so to whoever debugs', async t => {
  const { log, lines } = openLogLines()
  const host = new Host(await folder(t))
  await moveToReaderCgroup(4242, { host, memoryBytes: 512 * MIB, log })
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    ['reader of core files stays in the cgroup of the installer'],
  )
})

/** A scratch root in which the cgroup file system is plain files. */
async function hostWithCgroups(t: TestContext): Promise<Host> {
  const host = new Host(await folder(t))
  await mkdir(host.path('/proc/1'), { recursive: true })
  await mkdir(host.path('/sys/fs/cgroup'), { recursive: true })
  await writeFile(host.path('/proc/1/mountinfo'), '30 24 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n')
  for (const name of ['controllers', 'subtree_control'])
    await writeFile(host.path(`/sys/fs/cgroup/cgroup.${name}`), 'cpu memory\n')
  return host
}

async function folder(t: TestContext): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'coredog-reader-cgroup-'))
  t.after(() => rm(made, { recursive: true }))
  return made
}
