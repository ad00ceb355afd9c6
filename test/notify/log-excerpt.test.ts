import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { NoticeConfig } from '../../config/config.ts'
import type { ReportCrash } from '../../crash/report.ts'
import { LANGUAGES } from '../../notify/language/all.ts'
import { lastLinesFor, logExcerptOf, withLogLines } from '../../notify/log-excerpt.ts'
import { REPORT, sampleNotification } from './sample-notification.ts'

const { en } = LANGUAGES
const CHANNEL = { kind: 'slack', webhookUrl: 'https://hooks.slack.com/x', keyword: '', secret: null } as const
const NOTICE: NoticeConfig = { channels: [CHANNEL], messageTemplate: null, messageLabels: {}, logLines: 3 }
const LOG = ['one', 'two', 'token=hunter2', '\tthree']
  .map(text => `2026-01-01T00:00:00Z stderr ${text}\n`)
  .join('')

function shown(crash: ReportCrash, lastLines?: readonly string[]) {
  const report = { ...REPORT, crash }
  return logExcerptOf({ report, ...(lastLines && { lastLines }) }, en)
}

it('lastLinesFor() has so many last lines, without what looks like a secret', () => {
  assert.deepEqual(lastLinesFor(NOTICE, LOG), ['two', 'token=***', '  three'])
})

it('lastLinesFor() has none that no chat is told', () => {
  const { logLines: _, ...byDefault } = NOTICE
  const others: NoticeConfig[] = [
    byDefault,
    { ...NOTICE, channels: [] },
    { ...NOTICE, messageTemplate: 'x' },
    { ...NOTICE, detail: 'frames' },
  ]
  for (const notice of others) assert.deepEqual(lastLinesFor(notice, LOG), [])
})

it('lastLinesFor() hides a key that goes over several lines', () => {
  const key = ['-----BEGIN RSA PRIVATE KEY-----', 'MIIEpAIBAAKCAQEA']
  const log = key.map(text => `2026-01-01T00:00:00Z stderr ${text}\n`).join('')
  assert.deepEqual(lastLinesFor(NOTICE, log), ['***'])
})

it('withLogLines() leaves out what is not to be told by now', () => {
  const notification = sampleNotification({ lastLines: ['one', 'two'] })
  assert.deepEqual(withLogLines(notification, { logLines: 1 }).lastLines, ['two'])
  assert.equal(withLogLines(notification, {}).lastLines, undefined)
})

it('logExcerptOf() has the last lines, or else what a runtime wrote, under a heading of its own', () => {
  const crash = { lastWords: ['Fatal Python error: none_dealloc: deallocating None'] }
  assert.deepEqual(shown(crash, ['one', 'two']), { heading: en.lastLines, lines: ['one', 'two'] })
  assert.deepEqual(shown(crash), { heading: en.lastWords, lines: crash.lastWords })
  assert.equal(shown({}), null)
})

/** What a runtime wrote, and where that is said already. */
const SAID: Readonly<Record<string, Pick<ReportCrash, 'reason' | 'abortMessage'>>> = {
  "ledger: bugs.c:24: check: Assertion `balance >= 0' failed.": {
    reason: "Assertion `balance >= 0' failed in check (bugs.c:24)",
  },
  'free(): double free detected in tcache 2': {
    reason: 'memory was freed twice',
    abortMessage: 'free(): double free detected in tcache 2',
  },
  'panic: runtime error: index out of range [3] with length 1 [recovered]': {
    reason: 'Go panic: runtime error: index out of range [3] with length 1',
  },
  "thread 'main' panicked at src/main.rs:4:20:": { reason: 'Rust panic: no such cart (src/main.rs:4:20)' },
  "terminate called after throwing an instance of 'std::runtime_error'": {
    reason: 'uncaught C++ exception std::runtime_error: no such cart',
  },
  '  what():  no such cart': { reason: 'uncaught C++ exception std::runtime_error: no such cart' },
  'no such cart': { reason: 'Rust panic: no such cart (src/main.rs:4:20)' },
}

for (const [words, said] of Object.entries(SAID)) {
  it(`logExcerptOf() does not say again: ${words}`, () => {
    assert.equal(shown({ ...said, lastWords: [words] }), null)
    const other = { reason: 'aborted by the program itself', lastWords: [words] }
    assert.deepEqual(shown(other)?.lines, [words])
  })
}

it('logExcerptOf() does not say the signal again, by which faulthandler calls a crash', () => {
  assert.equal(shown({ lastWords: ['Fatal Python error: Segmentation fault'] }), null)
})

it('logExcerptOf() has at most five lines of a runtime, of 300 visible characters each', () => {
  const lastWords = Array.from({ length: 9 }, (_, at) => `${at}\u202e${'x'.repeat(900)}`)
  const lines = shown({ lastWords })?.lines ?? []
  assert.deepEqual([lines.length, lines.every(line => line.length === 300)], [5, true])
  assert.ok(lines[0]?.startsWith('4\\u{202e}xx'))
})
