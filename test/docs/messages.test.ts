import assert from 'node:assert/strict'
import { it } from 'node:test'
import { LANGUAGE_NAMES } from '../../config/languages.ts'
import { allMessages, MESSAGE_PAGES } from './all-messages.ts'
import { documentOf } from './documents.ts'

for (const language of LANGUAGE_NAMES) {
  const file = MESSAGE_PAGES[language]
  const { text } = documentOf(file)

  it(`${file} shows the messages as they are now`, () => {
    assert.ok(
      text === allMessages(language),
      'It is stale: run `npm run messages`, and read what has changed',
    )
  })

  it(`${file} stays a page that a person can open`, () => {
    assert.ok(Buffer.byteLength(text) < 300_000, `${Buffer.byteLength(text)} bytes`)
  })
}
