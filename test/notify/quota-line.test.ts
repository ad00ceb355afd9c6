import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { LanguageName } from '../../notify/language/all.ts'
import { defaultMessage } from '../../notify/message.ts'
import { REPORT, sampleNotification } from './sample-notification.ts'

const GI = 2 ** 30

function told(usedBytes: number, dump: 'stacks' | undefined, language: LanguageName = 'en') {
  const quota = { usedBytes, limitBytes: 20 * GI }
  const core = { ...REPORT.core, ...(dump && { dump }), quota }
  const message = defaultMessage(sampleNotification({ report: { ...REPORT, core } }), language)
  return { lines: message.lines, core: message.core }
}

it('a message says how much of its quota a namespace has used', () => {
  assert.deepEqual(told(18.6 * GI, undefined).lines, [
    'The quota of its namespace is 93 % used, 19 GiB of 20 GiB',
  ])
  assert.match(told(18.6 * GI, 'stacks').core ?? '', /stacks only, as configured$/)
})

it('a message says that it is for the quota that there are only stacks', () => {
  const english = told(21 * GI, 'stacks')
  assert.deepEqual(english.lines, [
    'The quota of its namespace is 105 % used, 21 GiB of 20 GiB: stacks were kept in place of the core',
  ])
  assert.match(english.core ?? '', /stacks only, for the quota$/)
  const chinese = told(21 * GI, 'stacks', 'zh')
  assert.deepEqual(chinese.lines, [
    '命名空间的配额已用 105 %（21 GiB / 20 GiB）：只保存了调用栈，没有保存 core',
  ])
  assert.match(chinese.core ?? '', /因配额只含调用栈$/)
})

it('without a record of a quota nothing is said of it', () => {
  assert.deepEqual(defaultMessage(sampleNotification()).lines, [])
})
