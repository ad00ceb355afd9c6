import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { documentOf, ROOT } from './documents.ts'

const { prose } = documentOf('docs/why.md')
const section = /^## Runtimes$([\s\S]*?)^## /m.exec(prose)?.[1] ?? ''
const cells = [...section.matchAll(/^\|.*\|$/gm)].flatMap(([row]) => row.split('|').slice(2, -1))
const tests = [...section.matchAll(/^(\d+)\. `(.+?)`: (.+)$/gm)].map(
  ([, number = '', file = '', name = '']) => ({ number, file, name }),
)

it('docs/why.md: each yes of the table of runtimes has its test, and each test is of a yes', () => {
  const said = cells.filter(cell => cell.trim().startsWith('yes'))
  const numbers = said.map(cell => /^ yes \(([\d, ]+)\)/.exec(cell)?.[1]?.split(', ') ?? [])
  assert.ok(numbers.length > 10)
  assert.ok(numbers.every(some => some.length > 0))
  assert.deepEqual(new Set(numbers.flat()), new Set(tests.map(({ number }) => number)))
  assert.deepEqual(
    tests.map(({ number }) => number),
    tests.map((_, at) => String(at + 1)),
  )
})

for (const { number, file, name } of tests)
  it(`docs/why.md: test ${number} of the table of runtimes is there, and skipped only where a program is missing`, () => {
    const text = readFileSync(path.join(ROOT, file), 'utf8')
    const call = [...text.matchAll(/\bit(\.\w+)?\(\s*(['"`])((?:(?!\2).)+)\2,\s*([^\n]*)/g)]
      .map(([, more, , called = '', behind = '']) => ({ more, called: called.replaceAll('\\', ''), behind }))
      .find(({ called }) => called === name)
    assert.ok(call, `${file} has a test "${name}"`)
    assert.equal(call.more, undefined)
    assert.doesNotMatch(call.behind, /skip: (?:true|')|todo/)
  })
