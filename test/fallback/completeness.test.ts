import assert from 'node:assert/strict'
import { type FileHandle, mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { completenessOf } from '../../fallback/completeness.ts'
import { elfCore } from '../fakes/elf-core.ts'

it('completenessOf() waits for the section header behind the memory of over 65,534 segments', async t => {
  const folder = await mkdtemp(path.join(tmpdir(), 'completeness-'))
  t.after(() => rm(folder, { recursive: true }))
  const file = path.join(folder, 'core')
  const core = elfCore({ overflowingCount: true })
  await writeFile(file, core)
  await using opened = await open(file)
  assert.equal(await completenessOf(opened), 'whole')
  await truncate(file, core.length - 1)
  assert.equal(await completenessOf(opened), 'short')
})

it('completenessOf() reads no piece whose length the file chose', async t => {
  const folder = await mkdtemp(path.join(tmpdir(), 'completeness-'))
  t.after(() => rm(folder, { recursive: true }))
  const file = path.join(folder, 'core')
  const core = elfCore()
  // e_phentsize and e_phnum: four thousand of them would be 256 MiB.
  core.writeUInt16LE(0xffff, 54)
  core.writeUInt16LE(0xfffe, 56)
  await writeFile(file, core)
  await truncate(file, 2 * 1024 ** 3)
  await using opened = await open(file)
  const asked: number[] = []
  const counting = {
    stat: () => opened.stat(),
    read: (buffer: Buffer, offset: number, length: number, at: number) => {
      asked.push(length)
      return opened.read(buffer, offset, length, at)
    },
  } as unknown as FileHandle // of which no more is used
  assert.equal(await completenessOf(counting), 'short')
  assert.deepEqual(asked, [64])
})
