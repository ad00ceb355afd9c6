import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { programInPath } from '../../build/program-in-path.ts'

it('programInPath() says where a program is, in the first folder that has it', t => {
  const [one, other] = [0, 1].map(() => mkdtempSync(path.join(tmpdir(), 'coredog-path-'))) as [string, string]
  const { PATH } = process.env
  t.after(() => {
    process.env.PATH = PATH
    for (const folder of [one, other]) rmSync(folder, { recursive: true, force: true })
  })
  process.env.PATH = `/nowhere:${one}:${other}`
  writeFileSync(path.join(other, 'qemu'), '')
  assert.equal(programInPath('qemu'), path.join(other, 'qemu'))
  writeFileSync(path.join(one, 'qemu'), '')
  assert.equal(programInPath('qemu'), path.join(one, 'qemu'))
  assert.equal(programInPath('gcc'), null)
})
