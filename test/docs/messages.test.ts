import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { allMessages } from './all-messages.ts'

const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/messages.md'), 'utf8')

it('docs/messages.md shows the messages as they are now', () => {
  assert.ok(page === allMessages(), 'It is stale: run `npm run messages`, and read what has changed')
})

it('docs/messages.md stays a page that a person can open', () => {
  assert.ok(Buffer.byteLength(page) < 300_000, `${Buffer.byteLength(page)} bytes`)
})
