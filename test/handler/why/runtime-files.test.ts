import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, readFileSync } from 'node:fs'
import { chown, mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, it } from 'node:test'
import { nodeProc } from '../../../handler/identity/proc.ts'
import type { HeldRuntime } from '../../../handler/why/runtime-file.ts'
import { runtimeFiles } from '../../../handler/why/runtime-files.ts'

const folder = await mkdtemp(path.join(tmpdir(), 'coredog-runtime-files-'))
after(() => rm(folder, { recursive: true }))

const CODE = { type: 1, fileOffset: 0, fileBytes: 0, memoryBytes: 4096, flags: 5 }
const COMPILED = { files: [], segments: [{ ...CODE, address: 0x7f00_0000_0000n }] }
let count = 0

/** The folder of a thread in /proc, and the root of its container. */
async function thread(uid = process.getuid?.() ?? 0): Promise<{ thread: string; root: string }> {
  count += 1
  const [its, root] = [path.join(folder, `thread-${count}`), path.join(folder, `root-${count}`)]
  await mkdir(its)
  await mkdir(path.join(root, 'tmp'), { recursive: true })
  await symlink(root, path.join(its, 'root'))
  await writeFile(path.join(its, 'status'), `Name:\tnode\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\n`)
  return { thread: its, root }
}

async function opened(its: string, head: HeldRuntime['head'] = COMPILED): Promise<string[]> {
  const files = await runtimeFiles({ thread: its, pid: 7, crashedAt: null, head }, nodeProc(5))
  for (const { fd } of files) closeSync(fd)
  return files.map(({ kind, sizeBytes }) => `${kind} ${sizeBytes}`)
}

it('runtimeFiles() opens the perf map of a process that has code in no file', async () => {
  const { thread: its, root } = await thread()
  assert.deepEqual(await opened(its), [])
  await writeFile(path.join(root, 'tmp/perf-7.map'), '1000 20 total\n')
  assert.deepEqual(await opened(its), ['perf-map 14'])
})

it('runtimeFiles() reads what was opened, whatever has its name by then', async () => {
  const { thread: its, root } = await thread()
  const map = path.join(root, 'tmp/perf-7.map')
  await writeFile(map, 'the one')
  const [file] = await runtimeFiles({ thread: its, pid: 7, crashedAt: null, head: COMPILED }, nodeProc(5))
  await writeFile(`${map}.other`, 'another')
  await rename(`${map}.other`, map)
  assert.equal(readFileSync(file?.fd ?? -1, 'utf8'), 'the one')
  closeSync(file?.fd ?? -1)
})

it('runtimeFiles() opens nothing of a process whose code lies in files, or is the kernel’s', async () => {
  const head = {
    vdso: 0x7fff_0000_0000n,
    files: [{ start: 0x40_0000n, end: 0x40_1000n, fileOffset: 0n, path: '/app/server' }],
    segments: [0x40_0000n, 0x7fff_0000_0000n, 0xffff_ffff_ff60_0000n].map(address => ({ ...CODE, address })),
  }
  const stack = { ...CODE, address: 0x7ffd_0000_0000n, flags: 6 }
  assert.deepEqual(await opened('/nowhere', { ...head, segments: [...head.segments, stack] }), [])
})

it('runtimeFiles() follows no link, neither to the file nor to its folder', async () => {
  const { thread: its, root } = await thread()
  await writeFile(path.join(folder, 'secret'), 'secret')
  await symlink('../../secret', path.join(root, 'tmp/perf-7.map'))
  assert.deepEqual(await opened(its), [])
  await rm(path.join(root, 'tmp'), { recursive: true })
  await mkdir(path.join(folder, 'elsewhere'))
  await writeFile(path.join(folder, 'elsewhere/perf-7.map'), 'secret')
  await symlink('../elsewhere', path.join(root, 'tmp'))
  assert.deepEqual(await opened(its), [])
})

it('runtimeFiles() opens nothing that is no regular file, and waits for nobody', async () => {
  const { thread: its, root } = await thread()
  execFileSync('mkfifo', [path.join(root, 'tmp/perf-7.map')])
  assert.deepEqual(await opened(its), [])
  await rm(path.join(root, 'tmp/perf-7.map'))
  await mkdir(path.join(root, 'tmp/perf-7.map'))
  assert.deepEqual(await opened(its), [])
})

it('runtimeFiles() believes no map that another user wrote, but for root', {
  skip: process.getuid?.() !== 0 && 'to give a file away takes root',
}, async () => {
  const { thread: its, root } = await thread(10001)
  const map = path.join(root, 'tmp/perf-7.map')
  await writeFile(map, 'a map')
  assert.deepEqual(await opened(its), ['perf-map 5'])
  await chown(map, 10001, 10001)
  assert.deepEqual(await opened(its), ['perf-map 5'])
  await chown(map, 10002, 10002)
  assert.deepEqual(await opened(its), [])
})

it('runtimeFiles() of a process that is gone are none', async () => {
  assert.deepEqual(await opened(path.join(folder, 'nowhere')), [])
})

it('runtimeFiles() have no perf map of an earlier life', async () => {
  const { thread: its, root } = await thread()
  const map = path.join(root, 'tmp/perf-7.map')
  await writeFile(map, '1000 20 total\n')
  const held = path.join(folder, 'process/task/7')
  await mkdir(path.dirname(held), { recursive: true })
  await rename(its, held)
  const upSeconds = Number.parseFloat(readFileSync('/proc/uptime', 'utf8'))
  const stat = `7 (java) D ${'0 '.repeat(18)}${Math.round((upSeconds - 10) * 100)} 0`
  await writeFile(path.join(folder, 'process/stat'), stat)
  assert.deepEqual(await opened(held), ['perf-map 14'])
  const before = new Date(Date.now() - 20_000)
  await utimes(map, before, before)
  assert.deepEqual(await opened(held), [])
})
