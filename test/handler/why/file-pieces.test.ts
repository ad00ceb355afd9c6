import assert from 'node:assert/strict'
import { closeSync, openSync, statSync } from 'node:fs'
import { it } from 'node:test'
import type { FileBytes } from '../../../crash/image/file-bytes.ts'
import { foundInFile } from '../../../handler/why/file-pieces.ts'

it('foundInFile() gives what is asked for, step by step', async t => {
  const file = opened(t)
  const found = await foundInFile(file, bytes => {
    const first = bytes.read(0, 6)?.toString()
    return first === undefined ? null : `${first} ${bytes.read(first.length, 3)?.length} ${bytes.read(-1, 2)}`
  })
  assert.equal(found, 'import 3 null')
})

it('foundInFile() gives nothing behind the end, also of a file that was cut since', async t => {
  const { sizeBytes, ...file } = opened(t)
  const behind = (bytes: FileBytes) => bytes.read(sizeBytes - 1, 2) ?? 'nothing'
  assert.equal(await foundInFile({ ...file, sizeBytes }, behind), 'nothing')
  assert.equal(await foundInFile({ ...file, sizeBytes: 2 * sizeBytes }, behind), 'nothing')
})

it('foundInFile() ends, whatever is asked for', async t => {
  const file = { ...opened(t), sizeBytes: 1 << 30 }
  let calls = 0
  const endless = (bytes: FileBytes) => {
    calls += 1
    return bytes.read(calls, 8)
  }
  assert.equal(await foundInFile(file, endless), null)
  assert.equal(calls, 16)
  assert.equal(await foundInFile(file, bytes => bytes.read(0, 1 << 29)), null)
})

/** This file. */
function opened(t: { after: (close: () => void) => void }) {
  const path = import.meta.filename
  const fd = openSync(path, 'r')
  t.after(() => closeSync(fd))
  return { fd, path, sizeBytes: statSync(path).size, ranges: [] }
}
