import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { it } from 'node:test'
import fc from 'fast-check'
import { parseMemInfo } from '../../crash/meminfo.ts'
import { inputs } from '../inputs.ts'

const TEXT = `MemTotal:       24684092 kB
MemFree:        18403976 kB
MemAvailable:   23689068 kB
Buffers:          113552 kB
Inactive:         999999 kB
Inactive(file):  1381664 kB
`

it('parseMemInfo() reads what the kernel writes', () => {
  assert.deepEqual(parseMemInfo(TEXT), {
    totalBytes: 24_684_092 * 1024,
    freeBytes: 18_403_976 * 1024,
    availableBytes: 23_689_068 * 1024,
    inactiveFileBytes: 1_381_664 * 1024,
  })
  const ours = parseMemInfo(readFileSync('/proc/meminfo', 'utf8'))
  assert.ok(ours !== null && ours.totalBytes > ours.freeBytes)
})

it('parseMemInfo() takes nothing that lacks a line, or has another unit', () => {
  for (const line of TEXT.split('\n').filter(line => /^Mem|file/.test(line))) {
    assert.equal(parseMemInfo(TEXT.replace(line, '')), null, line)
    assert.equal(parseMemInfo(TEXT.replace(line, line.replace('kB', 'MB'))), null, line)
  }
})

it('parseMemInfo() throws at nothing', () => {
  fc.assert(
    fc.property(fc.string(), text => void parseMemInfo(text)),
    inputs(),
  )
})
