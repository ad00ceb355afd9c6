import assert from 'node:assert/strict'
import { closeSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, it } from 'node:test'
import { nodeProc } from '../../../handler/identity/proc.ts'
import { runtimeFiles } from '../../../handler/why/runtime-files.ts'

const folder = await mkdtemp(path.join(tmpdir(), 'coredog-jvm-files-'))
after(() => rm(folder, { recursive: true }))

const JVM = '/opt/jdk/lib/server/libjvm.so'
const CRASHED_AT = new Date('2026-11-28T09:00:00Z')
let count = 0

/** The root of a container in which Java runs in /app, and its thread in /proc. */
async function held(text: { cmdline?: string; environ?: string } = {}) {
  count += 1
  const [thread, root] = [path.join(folder, `thread-${count}`), path.join(folder, `root-${count}`)]
  for (const made of [thread, `${root}/app`, `${root}/tmp`, `${root}/opt/jdk`])
    await mkdir(made, { recursive: true })
  await symlink(root, path.join(thread, 'root'))
  await symlink(path.join(root, 'app'), path.join(thread, 'cwd'))
  const uid = process.getuid?.() ?? 0
  await writeFile(path.join(thread, 'status'), `Name:\tjava\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\n`)
  await writeFile(path.join(thread, 'cmdline'), text.cmdline ?? 'java\0-jar\0shop.jar\0')
  await writeFile(path.join(thread, 'environ'), text.environ ?? 'HOME=/\0')
  return {
    root,
    thread,
    write: async (name: string, secondsAgo = 0, crashedAt = CRASHED_AT) => {
      const file = path.join(root, name)
      await mkdir(path.dirname(file), { recursive: true })
      await writeFile(file, name)
      const written = new Date(crashedAt.getTime() - secondsAgo * 1000)
      await utimes(file, written, written)
    },
    opened: (jvm = JVM, crashedAt = CRASHED_AT) => opened(thread, root, jvm, crashedAt),
  }
}

async function opened(thread: string, root: string, jvm: string, crashedAt: Date): Promise<string[]> {
  const files = [{ start: 0x1000n, end: 0x2000n, fileOffset: 0n, path: jvm }]
  const code = {
    type: 1,
    fileOffset: 0,
    fileBytes: 0,
    memoryBytes: 4096,
    flags: 5,
    address: 0x7f00_0000_0000n,
  }
  const head = { files, segments: [code] }
  const found = await runtimeFiles({ thread, pid: 7, crashedAt, head }, nodeProc(5))
  for (const { fd } of found) closeSync(fd)
  return found.map(file => `${file.kind} ${file.path.replace(root, '')}`)
}

it('runtimeFiles() of a JVM are what it wrote in its working directory, and the release', async () => {
  const { write, opened } = await held()
  assert.deepEqual(await opened(), [])
  await write('app/hs_err_pid7.log')
  await write('opt/jdk/release')
  assert.deepEqual(await opened(), ['jvm-release /opt/jdk/release', 'jvm-error /app/hs_err_pid7.log'])
  assert.deepEqual(await opened('/opt/other/libother.so'), [])
})

it('runtimeFiles() of JDK 8 have the release two folders further up', async () => {
  const { write, opened } = await held()
  await write('opt/jdk/release')
  assert.deepEqual(await opened('/opt/jdk/jre/lib/amd64/server/libjvm.so'), ['jvm-release /opt/jdk/release'])
})

it('runtimeFiles() of a JVM are where -XX:ErrorFile says, of arguments and of environment', async () => {
  const absolute = await held({ cmdline: 'java\0-XX:ErrorFile=/logs/%p%%.log\0-jar\0shop.jar\0' })
  await absolute.write('logs/7%.log')
  assert.deepEqual(await absolute.opened(), ['jvm-error /logs/7%.log'])
  const relative = await held({ environ: 'A=1\0JAVA_TOOL_OPTIONS=-Xmx1g -XX:ErrorFile=said/it.log -Xss1m\0' })
  await relative.write('app/said/it.log')
  assert.deepEqual(await relative.opened(), ['jvm-error /app/said/it.log'])
})

it('runtimeFiles() of a JVM that could write nowhere else are in /tmp', async () => {
  const { write, opened } = await held({ cmdline: 'java\0-XX:ErrorFile=/logs/it.log\0' })
  await write('tmp/hs_err_pid7.log')
  assert.deepEqual(await opened(), ['jvm-error /tmp/hs_err_pid7.log'])
})

it('runtimeFiles() have no error file of an earlier life', async () => {
  const { write, opened } = await held()
  await write('app/hs_err_pid7.log', 151)
  assert.deepEqual(await opened(), [])
  await write('app/hs_err_pid7.log', 120)
  assert.deepEqual(await opened(), ['jvm-error /app/hs_err_pid7.log'])
})

it('runtimeFiles() of a JVM follow no link and leave no container', async () => {
  const { root, opened } = await held({ cmdline: 'java\0-XX:ErrorFile=/app/../../secret\0' })
  await writeFile(path.join(folder, 'secret'), 'secret')
  await symlink(path.join(folder, 'secret'), path.join(root, 'app/hs_err_pid7.log'))
  await symlink('../../../secret', path.join(root, 'opt/jdk/release'))
  assert.deepEqual(await opened(), [])
})

it('runtimeFiles() have no error file of before its thread began, however short ago that was', async () => {
  const { thread, write, opened } = await held()
  const now = new Date()
  const upSeconds = Number.parseFloat(await readFile('/proc/uptime', 'utf8'))
  const startTicks = Math.round((upSeconds - 10) * 100)
  await writeFile(path.join(thread, 'stat'), `7 (java) D ${'0 '.repeat(18)}${startTicks} 0`)
  await write('app/hs_err_pid7.log', 20, now)
  assert.deepEqual(await opened(JVM, now), [])
  await write('tmp/hs_err_pid7.log', 5, now)
  assert.deepEqual(await opened(JVM, now), ['jvm-error /tmp/hs_err_pid7.log'])
})
