import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { PARTS } from '../../bench/options.ts'
import { commandLine, markdown, withPart } from '../../bench/page.ts'
import { ROOT } from '../../build/bundle.ts'
import { OperatorError } from '../../crash/errors.ts'

const PAGE =
  '# P\n<!-- bench:held -->\nold\n<!-- /bench:held -->\n<!-- bench:start -->\nkept\n<!-- /bench:start -->\nend\n'

it('a part takes the place of what stood there, and of nothing else', () => {
  const once = withPart(PAGE, 'held', 'new')
  assert.equal(once, PAGE.replace('\nold\n', '\n\nnew\n\n'))
  assert.equal(withPart(once, 'held', 'new'), once)
})

const OF_FLEET: readonly string[] = ['fleet', 'installer']

for (const folder of ['docs', 'docs/zh-CN']) {
  const read = (file: string) => readFileSync(path.join(ROOT, folder, file), 'utf8')

  it(`${folder}/performance.md has a place for each part`, () => {
    const page = read('performance.md')
    for (const part of ['targets', 'machine', ...PARTS])
      if (!OF_FLEET.includes(part)) withPart(page, part, 'new')
  })

  it(`${folder}/fleet.md has the others`, () => {
    for (const part of OF_FLEET) withPart(read('fleet.md'), part, 'new')
  })
}

for (const file of ['performance.md', 'fleet.md']) {
  it(`the Chinese ${file} has the numbers of the English one`, () => {
    const [english, chinese] = ['docs', 'docs/zh-CN'].map(folder =>
      readFileSync(path.join(ROOT, folder, file), 'utf8').match(
        /<!-- bench:([\w-]+) -->[\s\S]*?<!-- \/bench:\1 -->/g,
      ),
    )
    assert.deepEqual(chinese, english)
  })
}

it('a page without a place for it is an error', () => {
  assert.throws(() => withPart(PAGE, 'memory', 'new'), OperatorError)
})

it('a table of markdown, its texts as they are', () => {
  const table = { title: 'A', columns: ['who', 'n'], rows: [['a|b <c>\nd*', '1']], notes: ['So.'] }
  assert.equal(markdown([table]), '| who | n |\n| --- | ---: |\n| a\\|b &lt;c> d\\* | 1 |\n\nSo.')
})

it('several have their titles above them', () => {
  const table = { columns: ['who'], rows: [], notes: [] }
  const text = markdown([
    { ...table, title: 'A' },
    { ...table, title: 'B' },
  ])
  assert.equal(text, '### A\n\n| who |\n| --- |\n\n### B\n\n| who |\n| --- |')
})

it('the command is told as it was, but for a path of this machine', () => {
  assert.equal(
    commandLine(['--write', '--composer=/home/me/cdc', '--rounds=5']),
    'npm run bench -- --write --composer=PATH --rounds=5',
  )
})
