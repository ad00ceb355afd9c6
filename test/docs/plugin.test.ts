import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { it } from 'node:test'
import { EXIT } from '../../cli/exit.ts'
import { documentOf, ROOT } from './documents.ts'

const { prose } = documentOf('docs/kubectl.md')

it('docs/kubectl.md has every command of kubectl coredog', () => {
  const main = path.join(ROOT, 'cli/main.ts')
  const help = execFileSync(process.execPath, [main, '--help'], { encoding: 'utf8' })
  const [, listed = ''] = /^Commands:\n((?: .*\n)+)/m.exec(help) ?? []
  const commands = [...listed.matchAll(/^ {2}([a-z]+)/gm)].map(([, name = '']) => name)
  assert.ok(commands.length > 3)
  const rows = [...prose.matchAll(/^\| `([a-z]+)` \|/gm)].map(([, name = '']) => name)
  assert.deepEqual(rows.toSorted(), commands.filter(name => name !== 'help').toSorted())
})

it('docs/kubectl.md has every exit code', () => {
  const rows = [...prose.matchAll(/^\| (\d) \|/gm)].map(([, code]) => Number(code))
  assert.deepEqual(rows, Object.values(EXIT))
})
