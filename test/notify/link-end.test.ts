import assert from 'node:assert/strict'
import { it } from 'node:test'
import { batchNote } from '../../notify/batch-note.ts'
import { LANGUAGES } from '../../notify/language/all.ts'
import { linkEndSentences } from '../../notify/link-end.ts'
import { messageFor } from '../../notify/message.ts'
import { REPORT, sampleNotification } from './sample-notification.ts'

const link = (query: string) => `https://cores.example/core.gz?${query}`
const SHORT = link('X-Amz-Date=20261127T235500Z&X-Amz-Expires=600&X-Amz-Signature=abc')
const SENTENCE = 'The link works until 00:05 UTC only.'

for (const [what, text, said] of [
  ['a short one', SHORT, [SENTENCE]],
  ['one of an hour', link('X-Amz-Date=20261127T235500Z&X-Amz-Expires=3600'), []],
  ['one without a date', link('X-Amz-Expires=600'), []],
  ['one with a date that is none', link('X-Amz-Date=99999999T999999Z&X-Amz-Expires=600'), []],
  ['one that does not say how long', link('X-Amz-Date=20261127T235500Z'), []],
  ['what is no link', 'cores', []],
  ['none', null, []],
] as const) {
  it(`linkEndSentences() of ${what}`, () => {
    assert.deepEqual(linkEndSentences([text], LANGUAGES.en), said)
  })
}

for (const messageTemplate of [null, 'look at {corefile.url}']) {
  it(`messageFor() says when a link ends soon, ${messageTemplate === null ? 'in our words' : 'above a template'}`, () => {
    const { lines } = messageFor(sampleNotification({ link: SHORT }), { messageTemplate, messageLabels: {} })
    assert.deepEqual(lines, [SENTENCE])
  })
}

it('stormNote() says when the first of its links ends', () => {
  const later = link('X-Amz-Date=20261127T235800Z&X-Amz-Expires=600')
  const notifications = [later, SHORT].map((text, at) =>
    sampleNotification({ link: text, report: { ...REPORT, pod: { ...REPORT.pod, name: `web-${at}` } } }),
  )
  assert.equal(batchNote(notifications).lines[1], 'The links work until 00:05 UTC only.')
})
