import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { architectureOf } from '../../../../cli/debug/in-cluster/core-architecture.ts'
import { temporaryFolder } from '../../../fakes/core-file.ts'

for (const { machine, is } of [
  { machine: 3, is: 'amd64' },
  { machine: 62, is: 'amd64' },
  { machine: 183, is: 'arm64' },
  { machine: 243, is: null },
])
  it(`architectureOf() has ${is} for e_machine ${machine}`, async t => {
    const head = Buffer.alloc(64)
    head.write('\x7fELF', 'latin1')
    head.writeUInt16LE(machine, 18)
    assert.equal(await architectureOf(fileOf(t, head)), is)
  })

it('architectureOf() knows nothing of what is no ELF file, or ends too early', async t => {
  assert.equal(await architectureOf(fileOf(t, Buffer.alloc(64, 62))), null)
  assert.equal(await architectureOf(fileOf(t, Buffer.from('\x7fELF'))), null)
})

function fileOf(test: Parameters<typeof temporaryFolder>[0], bytes: Buffer): string {
  const file = path.join(temporaryFolder(test), 'core')
  writeFileSync(file, bytes)
  return file
}
