import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'

const ROOT = path.resolve(import.meta.dirname, '../..')
const WIDTH = 110
const lines = globSync('deploy/{Dockerfile,**/*.{yaml,tpl}}', { cwd: ROOT }).flatMap(file =>
  readFileSync(path.join(ROOT, file), 'utf8')
    .split('\n')
    .map((text, index) => ({ where: `${file}:${index + 1}`, text })),
)

it('a comment in deploy/ says who: the kernel, the handler, the installer, the operator', () => {
  const riddles = lines.filter(({ text }) => /\b(?:no|some|any|every)body\b|\bwhoever\b/i.test(text))
  assert.deepEqual(riddles, [])
})

it('a comment in deploy/ is as wide as the code, but for commands and what becomes a table', () => {
  const wide = lines.filter(({ text }) => text.length > WIDTH && /^ *#(?! {3}| --)|^\{\{-? ?\/\*/.test(text))
  assert.deepEqual(wide, [])
})
