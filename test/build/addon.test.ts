import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { assertRunsOnOldSystems } from '../../build/addon-needs.ts'
import { ownArchitecture } from '../../build/node-binary.ts'
import { addonFile } from '../../handler/native/addon-code.ts'

const made = addonFile(ownArchitecture())
const other = ownArchitecture() === 'x64' ? 'arm64' : 'x64'

/** What build/addon.ts answers on a machine that has no other programs than these shell scripts. */
function onMachineWith(test: TestContext, scripts: Readonly<Record<string, string>>, asked: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-path-'))
  test.after(() => rmSync(folder, { recursive: true }))
  for (const [name, script] of Object.entries(scripts))
    writeFileSync(path.join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  const module = path.resolve(import.meta.dirname, '../../build/addon.ts')
  const program = `import('${module}').then(async it => console.log(await (${asked})))`
  return execFileSync(process.execPath, ['-e', program], {
    env: { PATH: folder },
    encoding: 'utf8',
  }).trimEnd()
}

it('missingProgram() names the first that a machine lacks', t => {
  assert.match(onMachineWith(t, {}, `it.missingProgram('${other}')`), /^\S+-linux-gnu-gcc$/)
  assert.equal(onMachineWith(t, { gcc: '', ar: '' }, `it.missingProgram('${ownArchitecture()}')`), 'make')
})

it('whyNotFetched() takes no source that is another one than is pinned for one that cannot be had', t => {
  const saying = (text: string) =>
    onMachineWith(
      t,
      { python3: `echo "ERROR: ${text}" >&2; exit 1` },
      "it.fetchLibrary('/nowhere').catch(it.whyNotFetched).then(JSON.stringify, () => 'refused')",
    )
  assert.equal(saying('THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.'), 'refused')
  assert.match(saying('No matching distribution found'), /"lacks":"python3: ERROR: No matching/)
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
  assert.match(
    license,
    /Copyright\(c\) .* Intel Corporation[\s\S]*Redistributions in binary form[\s\S]*Copyright.* Arm /,
  )
})
