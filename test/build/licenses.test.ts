import assert from 'node:assert/strict'
import path from 'node:path'
import { it } from 'node:test'
import { ROOT } from '../../build/bundle.ts'
import { licensesOf } from '../../build/licenses.ts'

it('licensesOf() has each package once, with its own text, and nothing of ours', async () => {
  const files = ['commander/index.js', 'commander/lib/command.js', '@aws-sdk/client-s3/dist-es/index.js']
  const packages = files.map(file => path.join(ROOT, 'node_modules', file))
  const text = await licensesOf([path.join(ROOT, 'cli/main.ts'), ...packages])
  const headings = [...text.matchAll(/^(\S+) \d+\.\d+\.\d+: (.*)$/gm)].map(([, name, license]) => [
    name,
    license,
  ])
  assert.deepEqual(headings, [
    ['@aws-sdk/client-s3', 'Apache-2.0'],
    ['commander', 'MIT'],
  ])
  assert.match(text, /Permission is hereby granted/)
  assert.match(text, /Apache License/)
})
