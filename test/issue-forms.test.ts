import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { parse } from 'yaml'

const ROOT = path.resolve(import.meta.dirname, '..')

interface Form {
  readonly name: string
  readonly description: string
  readonly body: readonly {
    readonly type: string
    readonly id?: string
    readonly attributes: { readonly label?: string; readonly value?: string; readonly description?: string }
  }[]
}

const FILES = globSync('.github/ISSUE_TEMPLATE/*.yml', { cwd: ROOT }).filter(
  file => !file.endsWith('config.yml'),
)

for (const file of FILES) {
  it(`${file} is a form that GitHub can show`, () => {
    const { name, description, body } = read(file)
    assert.ok(name.length >= 3 && description.length >= 3)
    const fields = body.filter(({ type }) => type !== 'markdown')
    assert.ok(body.every(({ type }) => ['markdown', 'textarea', 'input'].includes(type)))
    assert.ok(fields.every(({ id = '', attributes }) => /^[a-z-]+$/.test(id) && attributes.label))
    assert.equal(new Set(fields.map(({ id }) => id)).size, fields.length)
  })
}

it('a bug comes with the status of its node, and without a core', () => {
  const [first, ...fields] = read('.github/ISSUE_TEMPLATE/bug.yml').body
  assert.match(first?.attributes.value ?? '', /^\*\*Attach no core, no `log.txt` and no report/)
  const status = fields.find(({ id }) => id === 'status')
  assert.match(status?.attributes.description ?? '', /coredog-handler installer status --json`/)
})

function read(file: string): Form {
  return parse(readFileSync(path.join(ROOT, file), 'utf8'))
}
