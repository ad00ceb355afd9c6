import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { FORMAT_VERSION, isOfAnotherVersion, saysAnotherVersion } from '../../handoff/format-version.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')

const texts = [
  { text: '{"version":2}', another: true },
  { text: '{"version":2}\n{"id":"a"}\n', another: true },
  { text: 'version 2\n2026-11-21T05:00:00Z 0123456789ab\n', another: true },
  { text: '{"version":1,"name":"node-1"}\n', another: false },
  { text: 'version 1\n', another: false },
  { text: '{"name":"node-1"}', another: false },
  { text: '2026-11-21T05:00:00Z 0123456789ab\n', another: false },
  { text: '{"version":["10.96.0.7"]}', another: false },
  { text: '{"version":', another: false },
  { text: '', another: false },
]
for (const { text, another } of texts)
  it(`saysAnotherVersion() of ${JSON.stringify(text)} is ${another}`, () => {
    assert.equal(saysAnotherVersion(text), another)
  })

it('isOfAnotherVersion() takes anything', () => {
  for (const value of [null, undefined, 7, 'version', []]) assert.equal(isOfAnotherVersion(value), false)
})

it('ARCHITECTURE.md says the version of each format on a node', () => {
  const [, table = ''] = readFileSync(path.join(ROOT, 'ARCHITECTURE.md'), 'utf8').split(
    '## What lies on a node',
  )
  const said = [...table.matchAll(/`([\w/-]+\.ts)`[^`|;]*? version (\d+)/g)].map(([, file = '', version]) => [
    file,
    Number(version),
  ])
  assert.ok(said.length >= 8)
  const written = said.map(([file]) => [file, versionIn(String(file))])
  assert.deepEqual(said, written)
})

/** By the constant of the file itself, or else by the one of all, which a file that is only read is held to, too. */
function versionIn(file: string): number | null {
  const source = readFileSync(path.join(ROOT, file), 'utf8')
  const own = /^const VERSION = (\d+)$/m.exec(source)?.[1]
  if (own !== undefined) return Number(own)
  return /FORMAT_VERSION|VERSION_LINE|saysAnotherVersion|version 1/.test(source) ? FORMAT_VERSION : null
}
