import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LANGUAGE_NAMES } from '../../../config/languages.ts'
import type { CrashReport } from '../../../crash/report.ts'
import { CHANNELS } from '../../../notify/channels/all.ts'
import { defaultMessage, messageFor } from '../../../notify/message.ts'
import type { Notification } from '../../../notify/notification.ts'
import { refusalOf } from '../../fakes/fake-chat.ts'
import { LINK, REPORT, sampleNotification } from '../sample-notification.ts'

/** As long as with credentials of STS. */
const STS_LINK = `${LINK}&X-Amz-Security-Token=${'t'.repeat(2000 - LINK.length)}`

/** Each of 120 characters, which are one to four bytes, and some more where they are escaped. */
const NAMES = {
  Chinese: '结算购物车'.repeat(24),
  emoji: '💥🛒'.repeat(60),
  'combining characters': 'e\u0301'.repeat(60),
  'backticks and markup': '`<a>*_[x](y)`'.repeat(10).slice(0, 120),
  'quotes and backslashes': '"\\'.repeat(60),
  ampersands: '&'.repeat(120),
} as const

/** All that a report may have, at its longest. */
function reportOf(name: string): CrashReport {
  const frame = (at: number) => ({ function: `${at}${name}`, module: `/app/${name}`, file: name, line: at })
  return {
    ...REPORT,
    node: { name: `n${name}`, ip: '2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff', cluster: name },
    pod: {
      namespace: `ns${name}`,
      name: `pod${name}${name}`,
      workload: { kind: 'Deployment', name: `w${name}` },
      labels: Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`label-${at}`, name])),
    },
    container: { name: `c${name}`, image: `r.example/${name}:${name}`, restartCount: 7 },
    crash: {
      reason: `aborted: ${name}`,
      reasonCode: 'abort',
      abortMessage: `other ${name}${name}`,
      frames: Array.from({ length: 64 }, (_, at) => ({ ...frame(at), own: at === 3 })),
    },
    seen: { first: '2026-11-17T22:03:51Z', count: 36, firstImage: name },
    suppressed: 99,
    unidentified: name,
    core: { ...REPORT.core, complete: false, incompleteReason: `the store failed ${name}` },
  }
}

function textOf(body: object): string {
  return JSON.stringify(body)
    .replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replaceAll('&amp;', '&')
    .replaceAll('\\\\:', ':')
}

for (const channel of Object.values(CHANNELS)) {
  describe(channel.kind, () => {
    for (const [what, name] of Object.entries(NAMES)) {
      for (const language of LANGUAGE_NAMES) {
        it(`render() keeps what a person needs first of a crash full of ${what}, in ${language}`, () => {
          for (const outcome of ['stored', 'incomplete'] as const) {
            const notification = sampleNotification({ outcome, report: reportOf(name), link: STS_LINK })
            const message = messageFor(notification, { messageTemplate: null, messageLabels: {}, language })
            assertKept(channel.kind, channel.render(message), notification)
            assert.deepEqual(refusalOf(channel.kind, jsonOf(channel.renderPlain(message))), null)
          }
        })
      }
    }
  })
}

function assertKept(kind: keyof typeof CHANNELS, body: object, { report }: Notification): void {
  assert.deepEqual(refusalOf(kind, jsonOf(body)), null)
  const text = textOf(body)
  const { title } = defaultMessage(sampleNotification({ report }))
  assert.ok(title.startsWith('SIGSEGV in'))
  for (const needed of ['SIGSEGV', '/app/server core', 'CoreDog 0.1.0', STS_LINK])
    assert.ok(text.includes(needed), `${needed} is missing in ${text}`)
  assert.match(text, /[Aa]borted: |程序中止：/)
  assert.match(text, /▸ 3/)
}

function jsonOf(body: object) {
  return JSON.parse(JSON.stringify(body))
}
