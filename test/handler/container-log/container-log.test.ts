import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { appendFileSync, readdirSync, readlinkSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { ContainerLog } from '../../../handler/container-log/container-log.ts'
import { isSomeCallHung } from '../../../time/left-behind.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { hangingMount, NO_FUSE } from '../../fakes/hanging-mount.ts'

const HEAD = '2026-01-01T00:00:00Z stderr F'

async function textsIn(log: ContainerLog): Promise<readonly string[]> {
  return (await log.lines()).map(({ text }) => text)
}

function openIn(folder: string): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap(fd => {
    try {
      const file = readlinkSync(`/proc/self/fd/${fd}`)
      return file.startsWith(folder) ? [file] : []
    } catch {
      return []
    }
  })
}

it('lines() has what is written until it is read, which closes the file', async t => {
  const folder = temporaryFolder(t)
  const file = path.join(folder, '0.log')
  writeFileSync(file, `${HEAD} one\n`)
  const log = ContainerLog.open(file)
  await log.opened
  appendFileSync(file, `${HEAD} two\n`)
  log.read()
  assert.deepEqual(await textsIn(log), ['one', 'two'])
  appendFileSync(file, `${HEAD} three\n`)
  assert.deepEqual(await textsIn(log), ['one', 'two'])
  assert.deepEqual(openIn(folder), [])
})

it('lines() are of the file that was opened, although another has its name by now', async t => {
  const file = path.join(temporaryFolder(t), '0.log')
  writeFileSync(file, `${HEAD} one\n`)
  const log = ContainerLog.open(file)
  await log.opened
  renameSync(file, `${file}.20260101-000000`)
  writeFileSync(file, `${HEAD} of another\n`)
  assert.deepEqual(await textsIn(log), ['one'])
})

it('lines() has the end of a long log alone', async t => {
  const file = path.join(temporaryFolder(t), '0.log')
  writeFileSync(file, Array.from({ length: 20_000 }, (_, at) => `${HEAD} ${at}\n`).join(''))
  const texts = await textsIn(ContainerLog.open(file))
  assert.equal(texts.at(-1), '19999')
  assert.ok(texts.length >= 200 && texts.length < 4000, `${texts.length} lines`)
})

it('lines() follows a link, as Docker’s logs are', async t => {
  const folder = temporaryFolder(t)
  writeFileSync(
    path.join(folder, 'x-json.log'),
    '{"log":"one\\n","stream":"stdout","time":"2026-01-01T00:00:00Z"}\n',
  )
  symlinkSync('x-json.log', path.join(folder, '0.log'))
  assert.deepEqual(await textsIn(ContainerLog.open(path.join(folder, '0.log'))), ['one'])
})

it('lines() has none of what is not there, or is no file', async t => {
  const folder = temporaryFolder(t)
  execFileSync('mkfifo', [path.join(folder, 'fifo')])
  for (const name of ['fifo', 'absent', '.'])
    assert.deepEqual(await textsIn(ContainerLog.open(path.join(folder, name))), [])
  assert.deepEqual(openIn(folder), [])
})

it('lines() has none of a file system that hangs, for which nobody waits long', async t => {
  const mount = await hangingMount()
  if (mount === null) return t.skip(NO_FUSE)
  try {
    const log = ContainerLog.open(path.join(mount.folder, 'file'), 0.01)
    assert.equal(await log.opened, null)
    assert.deepEqual(await log.lines(), [])
    assert.ok(isSomeCallHung())
  } finally {
    await mount.end()
  }
})
