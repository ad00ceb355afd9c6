import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import process from 'node:process'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseConfig } from '../../config/parse-config.ts'
import { channelName } from '../../notify/channel-name.ts'
import { hearsAll, unheardBy } from '../../notify/hearing.ts'
import type { Notification } from '../../notify/notification.ts'
import { channelTarget } from '../../notify/target.ts'
import { inputs } from '../inputs.ts'
import { lostNotification, REPORT, sampleNotification } from './sample-notification.ts'

const { channels } = parseConfig(`
StorageConfig: {protocol: cfs, CFSMountPath: /mnt}
NoticeChannel:
  - {chan: slack, webhookurl: "https://chat.example/everybody"}
  - {chan: slack, webhookurl: "https://chat.example/shop", namespaces: [shop, shop-*]}
  - {chan: slack, webhookurl: "https://chat.example/payments", labels: {team: pay, app.kubernetes.io/part-of: till}}
  - {chan: slack, webhookurl: "https://chat.example/on-call", severity: lost}
  - {chan: slack, webhookurl: "https://chat.example/developers", severity: new}
  - {chan: slack, webhookurl: "https://chat.example/old", keyword: /shop/}
  - {chan: slack, webhookurl: "https://chat.example/all-of-shop", namespaces: ["*shop*"], labels: {team: pay}, severity: new}
`).config.notice

const [EVERYBODY, SHOP, PAYMENTS, ON_CALL, DEVELOPERS, OLD, ALL_OF_SHOP] = channels.map(({ webhookUrl }) =>
  webhookUrl.replace('https://chat.example/', ''),
)

type Crash = Partial<Notification> & { readonly namespace?: string; readonly labels?: Record<string, string> }

function crashOf({ namespace = 'prod', labels, report, ...more }: Crash): Notification {
  const pod = { ...REPORT.pod, namespace, ...(labels && { labels }) }
  return sampleNotification({
    ...more,
    corefilePath: `/corefile/${namespace}/web-0/app/core`,
    report: { ...REPORT, ...report, pod },
  })
}

const OF_TILL = { team: 'pay', 'app.kubernetes.io/part-of': 'till' }
const KNOWN = { ...REPORT, seen: { first: '2026-11-21T04:21:17Z', count: 3 } }
const TOLD_OF_FIRST = { ...REPORT, seen: { first: '2026-11-21T04:21:17Z', count: 3 }, suppressed: 2 }

const TABLE: readonly (readonly [
  name: string,
  crash: Notification,
  hear: readonly (string | undefined)[],
])[] = [
  ['a new one', crashOf({}), [EVERYBODY, DEVELOPERS]],
  ['a known one', crashOf({ report: KNOWN }), [EVERYBODY]],
  ['one after others that were only counted', crashOf({ report: TOLD_OF_FIRST }), [EVERYBODY, DEVELOPERS]],
  ['one of shop', crashOf({ namespace: 'shop' }), [EVERYBODY, SHOP, DEVELOPERS, OLD]],
  ['one of shop-eu', crashOf({ namespace: 'shop-eu' }), [EVERYBODY, SHOP, DEVELOPERS]],
  ['one of workshop', crashOf({ namespace: 'workshop' }), [EVERYBODY, DEVELOPERS]],
  ['one of a team', crashOf({ labels: OF_TILL }), [EVERYBODY, PAYMENTS, DEVELOPERS]],
  ['one with one label of two', crashOf({ labels: { team: 'pay' } }), [EVERYBODY, DEVELOPERS]],
  [
    'a new one of team and namespace',
    crashOf({ namespace: 'eshop', labels: { team: 'pay' } }),
    [EVERYBODY, DEVELOPERS, ALL_OF_SHOP],
  ],
  [
    'a known one of team and namespace',
    crashOf({ namespace: 'eshop', labels: { team: 'pay' }, report: KNOWN }),
    [EVERYBODY],
  ],
  ['a core that is not whole', crashOf({ outcome: 'incomplete', report: KNOWN }), [EVERYBODY, ON_CALL]],
  ['a lost core', lostNotification(), [EVERYBODY, ON_CALL, DEVELOPERS]],
  ['crashes that were only counted', crashOf({ outcome: 'suppressed' }), [EVERYBODY]],
]

describe('unheardBy()', () => {
  for (const [name, crash, hear] of TABLE) {
    it(`tells ${hear.join(', ')} of ${name}`, () => {
      const told = channels.filter(channel => unheardBy(channel, crash) === null)
      assert.deepEqual(
        told.map(({ webhookUrl }) => webhookUrl.replace('https://chat.example/', '')),
        hear,
      )
    })
  }

  it('tells the channels without namespaces of a process that is in none', () => {
    const { pod: _, ...report } = REPORT
    const crash = sampleNotification({ report })
    const told = channels.filter(channel => unheardBy(channel, crash) === null)
    assert.deepEqual(
      told.map(channel => channel.namespaces),
      told.map(() => undefined),
    )
    assert.ok(told.length > 0)
  })

  it('says why not', () => {
    const reasons = channels.map(channel => unheardBy(channel, crashOf({ report: KNOWN })))
    assert.deepEqual(reasons, [
      null,
      'its namespace is none of shop, shop-*',
      'its pod has no label team=pay',
      'its core was kept, and severity is lost',
      'it is known, and severity is new',
      'the path of the core does not contain the keyword "/shop/"',
      'its namespace is none of *shop*',
    ])
  })

  it('tells a channel of a pod that may have its labels behind those that are kept', () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`label-${at}`, 'x']))
    const channel = { ...channels[0]!, labels: { team: 'pay' } }
    assert.equal(unheardBy(channel, crashOf({ labels: many })), null)
    assert.notEqual(unheardBy(channel, crashOf({ labels: { ...many, team: 'other' } })), null)
  })

  it('takes no label that every object has for one of a pod', () => {
    const channel = { ...channels[0]!, labels: { constructor: 'x' } }
    assert.match(unheardBy(channel, crashOf({})) ?? '', /no label constructor=x/)
  })
})

it('hearsAll() is true of a channel that leaves nothing out', () => {
  assert.deepEqual(channels.filter(hearsAll).map(channelName), ['slack#1'])
})

it('channels of one address that hear of other crashes are two to the outbox', () => {
  const { namespaces: _, ...all } = channels[1]!
  assert.notEqual(channelTarget(channels[1]!), channelTarget(all))
})

/** Whether a channel with these `namespaces` hears of a crash in `namespace`. */
function hears(pattern: string, namespace: string): boolean {
  return unheardBy({ ...channels[0]!, namespaces: [pattern] }, crashOf({ namespace })) === null
}

it('* of namespaces stands for any letters, wherever it stands and however often', () => {
  const text = (letters: string) => fc.string({ unit: fc.constantFrom(...letters), maxLength: 8 })
  fc.assert(
    fc.property(text('ab*'), text('ab'), (pattern, name) => {
      const expected = RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name)
      assert.equal(hears(pattern, name), expected)
    }),
    inputs(300),
  )
})

it('many * of namespaces are no work for a name that a tenant chose against them', () => {
  const hearing = new URL('../../notify/hearing.ts', import.meta.url).href
  const script = `const { unheardBy } = await import(${JSON.stringify(hearing)})
    const channel = { keyword: '', namespaces: ['*'.repeat(40) + 'x'] }
    const report = { pod: { namespace: 'a'.repeat(63) } }
    console.log(unheardBy(channel, { corefilePath: '', report, outcome: 'stored' }) === null)`
  const options = { timeout: 60_000, encoding: 'utf8' } as const
  assert.equal(execFileSync(process.execPath, ['--input-type=module', '-e', script], options), 'false\n')
})
