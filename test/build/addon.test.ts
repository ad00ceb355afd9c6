import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { assertRunsOnOldSystems } from '../../build/addon-needs.ts'
import { ownArchitecture } from '../../build/node-binary.ts'
import { addonFile } from '../../handler/native/addon-code.ts'

const made = addonFile(ownArchitecture())
const other = ownArchitecture() === 'x64' ? 'arm64' : 'x64'

it('makeAddon() says what a machine lacks, and makes nothing', t => {
  const empty = mkdtempSync(path.join(tmpdir(), 'coredog-path-'))
  t.after(() => rmSync(empty, { recursive: true }))
  const module = path.resolve(import.meta.dirname, '../../build/addon.ts')
  const program = `import('${module}').then(async it => console.log((await it.makeAddon('${other}')).lacks))`
  const said = execFileSync(process.execPath, ['-e', program], { env: { PATH: empty }, encoding: 'utf8' })
  assert.match(said, /^\S+-linux-gnu-gcc not found\n$/)
})

it('the addon asks for no more than the handler does', { skip: !existsSync(made) && 'no addon' }, () => {
  assertRunsOnOldSystems(readFileSync(made))
})

it('assertRunsOnOldSystems() refuses what nodes may not have', () => {
  const node = readFileSync(process.execPath)
  assert.throws(() => assertRunsOnOldSystems(node), /would need .*libstdc\+\+\.so\.6/)
})

it('the license of ISA-L goes along with it', { skip: !existsSync(made) && 'no addon' }, () => {
  const license = readFileSync(made.replace(/\.node$/, '.LICENSE'), 'utf8')
  assert.match(license, /Copyright\(c\) .* Intel Corporation[\s\S]*Redistributions in binary form/)
})
