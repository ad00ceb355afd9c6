import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import type { CrashReport } from '../../crash/report.ts'
import { batchNote, openedOf } from '../../notify/batch-note.ts'
import { CHANNELS } from '../../notify/channels/all.ts'
import { messageOfNote } from '../../notify/note.ts'
import type { Notification } from '../../notify/notification.ts'
import { inputs } from '../inputs.ts'
import {
  hostileNotification,
  LINK,
  lostNotification,
  REPORT,
  sampleNotification,
} from './sample-notification.ts'

/** A crash of Deployment `workload` in `namespace`, with a link of its own. */
function crashOf(
  namespace: string,
  workload: string,
  number: number,
  overrides: Partial<Notification> = {},
): Notification {
  const name = `${workload}-${number}`
  const pod = { namespace, name, uid: name, workload: { kind: 'Deployment', name: workload } }
  const report: CrashReport = { ...REPORT, id: number.toString(16).padStart(12, '0'), pod }
  return sampleNotification({ report, link: `${LINK}&pod=${namespace}.${name}`, ...overrides })
}

const many = (count: number, namespace = 'shop', workload = 'web') =>
  Array.from({ length: count }, (_, number) => crashOf(namespace, workload, number))

it('stormNote() has a line for each workload with its count, signal and site', () => {
  const aborted = { ...crashOf('shop', 'web', 9).report, signal: { number: 6, name: 'SIGABRT' } }
  const abortedInLibc = { ...aborted, crash: { module: '/usr/lib/libc.so.6', offset: '0x9eb2c' } }
  const { title, lines, items } = batchNote([
    ...many(4),
    crashOf('shop', 'web', 9, { report: abortedInLibc }),
    crashOf('pay', 'ledger', 1),
  ])
  assert.equal(title, 'CoreDog: 6 crashes of 2 workloads on node-7')
  assert.deepEqual(lines, ['04:21:17 UTC · 5 × SIGSEGV, 1 × SIGABRT · 6 cores'])
  assert.deepEqual(
    items?.map(({ text }) => text),
    [
      '4 × SIGSEGV at 0x401149 (server), 1 × SIGABRT at libc.so.6 + 0x9eb2c in shop/web (Deployment, 5 pods) · 5 cores',
      '1 × SIGSEGV at 0x401149 (server) in pay/ledger-1 (app) · 1 core',
    ],
  )
})

it('stormNote() hides no neighbour of a tenant who crashes in a hundred workloads', () => {
  const loud = Array.from({ length: 100 }, (_, at) => many(3, 'loud', `w${at}`)).flat()
  const { items = [] } = batchNote([...loud, crashOf('quiet', 'db', 7), crashOf('calm', 'api', 8)])
  const texts = items.map(({ text }) => text)
  assert.deepEqual(
    ['quiet/db-7', 'calm/api-8'].map(name => texts.findIndex(text => text.includes(name))).sort(),
    [1, 2],
  )
  assert.equal(texts.length, 13)
  assert.equal(texts.at(-1), 'and 270 crashes of 90 workloads more in loud')
})

it('openedOf() gives one core of each owner before anybody’s second, of each cause one before its second', () => {
  const other = { ...crashOf('shop', 'web', 5).report, crash: { module: '/app/server', offset: '0x2' } }
  const notifications = [
    ...many(5),
    crashOf('shop', 'web', 5, { report: other }),
    crashOf('shop', 'api', 6),
    crashOf('pay', 'ledger', 7),
  ]
  const opened = openedOf(notifications).map(({ report }) => `${report.pod?.name} ${report.crash?.offset}`)
  assert.deepEqual(opened.slice(0, 4), ['web-0 0x1149', 'ledger-7 0x1149', 'api-6 0x1149', 'web-5 0x2'])
  assert.deepEqual(openedOf(many(200)).length, 5)
})

it('openedOf() gives a whole core before one that is not', () => {
  const notifications = [crashOf('shop', 'web', 1, { outcome: 'incomplete' }), crashOf('shop', 'web', 2)]
  assert.equal(openedOf(notifications)[0]?.report.pod?.name, 'web-2')
})

it('stormNote() is red only if a core was lost', () => {
  const tone = (...notifications: Notification[]) => batchNote([...many(5), ...notifications]).tone
  assert.equal(tone(), 'blue')
  assert.equal(tone(crashOf('pay', 'ledger', 1, { outcome: 'incomplete' })), 'orange')
  assert.equal(tone(lostNotification()), 'red')
})

it('stormNote() tells of whom a core was lost first, and of how many', () => {
  const lost = crashOf('pay', 'ledger', 1, { outcome: 'lost', link: null })
  const { items = [] } = batchNote([...many(6), lost])
  assert.deepEqual(items[0], {
    text: '1 × SIGSEGV at 0x401149 (server) in pay/ledger-1 (app) · 1 core lost',
    links: [],
    place: null,
  })
})

it('stormNote() counts the crashes of which no core was kept, and opens the one that was', () => {
  const kept = { key: 'shop/web-0/core.gz', url: 's3://cores/shop/web-0/core.gz' }
  const report = { ...crashOf('shop', 'web', 1).report, suppressed: 40, core: { complete: false, kept } }
  const before = { ...crashOf('pay', 'ledger', 2).report, suppressed: 2 }
  const notifications = [
    crashOf('shop', 'web', 1, { outcome: 'suppressed', report }),
    crashOf('pay', 'ledger', 2, { report: before }),
  ]
  const { title, items = [] } = batchNote(notifications)
  assert.equal(title, 'CoreDog: 43 crashes of 2 workloads on node-7')
  assert.deepEqual(
    items.map(({ text, links }) => [text, links[0]?.label]),
    [
      [
        '40 × SIGSEGV at 0x401149 (server) in shop/web-1 (app) · no new core',
        'Download the last core that was kept',
      ],
      ['3 × SIGSEGV at 0x401149 (server) in pay/ledger-2 (app) · 1 core', 'Download the core'],
    ],
  )
})

/**
 * How many different links of `notifications` the body of a chat holds, so that they can be clicked there.
 */
function linksIn(kind: keyof typeof CHANNELS, notifications: readonly Notification[]): readonly string[] {
  const json = JSON.stringify(CHANNELS[kind].render(messageOfNote(batchNote(notifications))))
  const real = kind === 'slack' ? /<(https:[^|>]*)\|[^>]*>/g : /\[[^\]]*\]\((https:[^)]*)\)/g
  return [...json.matchAll(real)].map(([, url = '']) => url.replaceAll('&amp;', '&'))
}

const KINDS = ['feishu', 'wechat', 'slack', 'dingtalk'] as const

it('a storm has real links in every chat: one of the neighbour, too', () => {
  const notifications = [...many(5), crashOf('pay', 'ledger', 7)]
  for (const kind of KINDS) {
    const links = linksIn(kind, notifications)
    assert.ok(links.includes(`${LINK}&pod=pay.ledger-7`), kind)
    assert.ok(links.includes(`${LINK}&pod=shop.web-0`), kind)
  }
})

it('the chat with the least room keeps a link of each owner when it leaves out others', () => {
  const long = (notification: Notification) => ({
    ...notification,
    link: `${notification.link}&${'x'.repeat(900)}`,
  })
  const notifications = [...many(5), crashOf('pay', 'ledger', 7)].map(long)
  const links = linksIn('wechat', notifications)
  assert.ok(links.length < 6)
  for (const owner of ['shop.web-0', 'pay.ledger-7'])
    assert.equal(links.filter(link => link.includes(`pod=${owner}`)).length, 1, owner)
})

it('a link that no chat has room for gives way to where the core is, and no text is cut for it', () => {
  const link = `${LINK}&X-Amz-Security-Token=${'t'.repeat(6000)}`
  const notifications = [...many(5), crashOf('pay', 'ledger', 7)].map(notification => ({
    ...notification,
    link,
  }))
  const { content } = (
    CHANNELS.wechat.render(messageOfNote(batchNote(notifications))) as {
      markdown: { content: string }
    }
  ).markdown
  assert.match(content, /in pay\/ledger-7 \(app\) · 1 core → s3:\/\/cores\/prod\/web-0\/core\.gz\n/)
  assert.match(content, /in shop\/web \(Deployment, 5 pods\) · 5 cores → s3:/)
})

it('stormNote() has room in every chat for whatever comes', () => {
  fc.assert(
    fc.property(fc.array(hostileNotification, { minLength: 1, maxLength: 30 }), notifications => {
      const note = batchNote(notifications)
      assert.ok((note.items?.length ?? 0) <= 13)
      for (const channel of Object.values(CHANNELS)) {
        const body = JSON.stringify(channel.render(messageOfNote(note)))
        assert.ok(/CoreDog(?:\\\\)?: /.test(body), channel.kind)
      }
    }),
    inputs(50),
  )
})

it('batchNote() says where the program itself was, and not where libc gave up', () => {
  const libc = { module: '/lib/libc.so.6', address: '0x8aeec' }
  const abortedIn = (own: object) => {
    const crash = {
      ...libc,
      frames: [
        { ...libc, own: false },
        { module: '/app/web', ...own, own: true },
      ],
    }
    const report: CrashReport = { ...REPORT, signal: { name: 'SIGABRT' }, crash }
    return batchNote([sampleNotification({ report })]).items?.[0]?.text ?? ''
  }
  const named = { function: 'check_balance', file: '/src/ledger.c', line: 24, address: '0x1249' }
  assert.match(abortedIn(named), /^1 × SIGABRT at check_balance \(ledger\.c:24\) in prod\/web-0/)
  assert.match(abortedIn({ address: '0x1249' }), /^1 × SIGABRT at 0x1249 \(web\) in prod\/web-0/)
  assert.match(abortedIn({}), /^1 × SIGABRT at 0x8aeec \(libc\.so\.6\) in prod\/web-0/)
})
