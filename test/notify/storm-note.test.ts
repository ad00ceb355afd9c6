import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { CHANNELS } from '../../notify/channel.ts'
import { messageOfNote } from '../../notify/message.ts'
import { stormNote } from '../../notify/storm-note.ts'
import { hostileNotice, LINK, lostNotice, REPORT, sampleNotice } from './sample-notice.ts'

const many = (count: number) => Array.from({ length: count }, () => sampleNotice())

it('stormNote() has the count, the causes, and the first crashes with their links', () => {
  const aborted = sampleNotice({ report: { ...REPORT, signal: { number: 6, name: 'SIGABRT' } } })
  const note = stormNote([...many(4), aborted, sampleNotice({ outcome: 'incomplete' }), lostNotice()])
  assert.deepEqual(note, {
    title: 'CoreDog: 7 crashes',
    lines: [
      '5 SIGSEGV, 1 SIGABRT, 1 unknown signal · 1 core incomplete, 1 core lost',
      ...Array.from({ length: 4 }, () => `SIGSEGV in prod/web-0 (app): ${LINK}`),
      `SIGABRT in prod/web-0 (app): ${LINK}`,
      'and 2 more crashes: each has its report in the store',
    ],
  })
})

it('stormNote() names the node of all, and says of each what is missing', () => {
  const named = { ...REPORT, node: { name: 'node-7' } }
  const note = stormNote([
    sampleNotice({ report: named, outcome: 'incomplete' }),
    lostNotice({ report: named }),
  ])
  assert.equal(note.title, 'CoreDog: 2 crashes on node-7')
  assert.deepEqual(note.lines.slice(1), [
    `SIGSEGV in prod/web-0 (app), core incomplete: ${LINK}`,
    'SIGSEGV in prod/web-0 (app): core lost',
  ])
})

it('stormNote() has where the core is stored instead of a link that would be cut', () => {
  const link = `${LINK}&X-Amz-Security-Token=${'t'.repeat(1800)}`
  const [, line] = stormNote([sampleNotice({ link }), ...many(5)]).lines
  assert.equal(line, 'SIGSEGV in prod/web-0 (app): s3://cores/prod/web-0/core.gz')
})

it('stormNote() has no line that a message cuts, and every chat has room for it', () => {
  fc.assert(
    fc.property(fc.array(hostileNotice, { minLength: 1, maxLength: 12 }), notices => {
      const note = stormNote(notices)
      assert.ok(note.lines.length <= 7)
      const links = note.lines.filter(line => line.includes(LINK))
      for (const channel of Object.values(CHANNELS)) {
        const body = JSON.stringify(channel.render(messageOfNote(note)))
        assert.ok(body.includes('CoreDog: '), channel.kind)
      }
      assert.ok(links.every(line => messageOfNote({ title: '', lines: [line] }).lines[0]?.includes(LINK)))
    }),
    { numRuns: 50 },
  )
})

it('the chat with the least room takes five links of S3 whole', () => {
  const link = `${LINK}&${'x'.repeat(480 - LINK.length)}`
  const body = JSON.stringify(
    CHANNELS.wechat.render(
      messageOfNote(stormNote(Array.from({ length: 200 }, () => sampleNotice({ link })))),
    ),
  )
  assert.equal(body.split(link).length - 1, 5)
})
