import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { inputs } from './inputs.ts'

const ROOT = path.resolve(import.meta.dirname, '..')
const PROPERTIES = globSync('test/**/*.test.ts', { cwd: ROOT })
  .map(file => ({ file, text: readFileSync(path.join(ROOT, file), 'utf8') }))
  .filter(({ text }) => /^import fc from 'fast-check'$/m.test(text))

it('inputs() are FUZZ times as many where that is set', () => {
  assert.deepEqual(inputs(20, undefined), { numRuns: 20 })
  assert.deepEqual(inputs(20, '50'), { numRuns: 1000 })
  assert.throws(() => inputs(20, 'many'), /Cannot multiply inputs by FUZZ=many/)
})

it('each property asks inputs() how many it gets', () => {
  const asking = (text: string, what: RegExp) => [...text.matchAll(what)].length
  const wrong = PROPERTIES.filter(
    ({ text }) => asking(text, /\bfc\.assert\(/g) !== asking(text, /\binputs\(\d*\)/g),
  )
  assert.deepEqual(
    wrong.map(({ file }) => file),
    [],
  )
})
