import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { parseConfig } from '../../../config/parse-config.ts'
import type { AlertmanagerReceiver } from '../../../config/receivers/alertmanager.ts'
import { Host } from '../../../handoff/host.ts'
import { encodeSuppressed, suppressedFile } from '../../../handoff/suppressed.ts'
import { AlertBook } from '../../../installer/outbox/alert-book.ts'
import { ChatLimiters } from '../../../installer/outbox/chat-rates.ts'
import { destinationsIn } from '../../../installer/outbox/destinations.ts'
import { renewOnce } from '../../../installer/outbox/renew-alerts.ts'
import type { Notification } from '../../../notify/notification.ts'
import { receiverTarget } from '../../../notify/target.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { type FakeReceiver, startFakeReceiver } from '../../fakes/fake-receiver.ts'
import { REPORT, sampleNotification } from '../../notify/sample-notification.ts'
import { openLogLines } from '../log-lines.ts'
import { noAlertmanager, startAlertmanager } from './real-alertmanager.ts'

const SIGNAL = AbortSignal.timeout(120_000)
const DIGEST = '0123456789abcdef'.repeat(4)

function crashOf(
  workload: string,
  namespace = 'shop',
  outcome: Notification['outcome'] = 'stored',
): Notification {
  return sampleNotification({
    outcome,
    report: {
      ...REPORT,
      id: Buffer.from(`${namespace}${workload}......`).toString('hex').slice(0, 12),
      time: new Date().toISOString(),
      node: { name: 'node-7', cluster: 'eu-1' },
      pod: { namespace, name: `${workload}-0`, workload: { kind: 'Deployment', name: workload } },
      crash: {
        ...{ reason: 'use of a null pointer', group: `v2:${DIGEST}` },
        frames: [{ function: 'checkout', file: 'cart.c', line: 7, own: true }],
      },
    },
  })
}

/** All that an installer has of it. */
function world(t: TestContext, url: string, resolveAfterSeconds = 900) {
  const host = new Host(temporaryFolder(t))
  const { config: written } = parseConfig(`
StorageConfig: {protocol: cfs, CFSMountPath: /mnt}
destinations: {alertmanager: {urls: ["${url}"], labels: {severity: page}}}`)
  const receivers = written.receivers
    .filter(receiver => receiver.kind === 'alertmanager')
    .map((receiver): AlertmanagerReceiver => ({ ...receiver, resolveAfterSeconds }))
  const config = { ...written, receivers }
  const { log, lines } = openLogLines()
  const alerts = new AlertBook()
  const options = { config, host, limiters: new ChatLimiters(), alerts, env: {}, log, hasApi: () => false }
  const destination = destinationsIn(options)(receiverTarget(receivers[0]!))
  const tell = async (notice: Notification) => {
    const entry = { notice, pending: [], notBefore: null, attempts: 1, firstAt: new Date().toISOString() }
    assert.deepEqual(await destination?.deliver(entry, SIGNAL), { kind: 'ok' })
  }
  const renew = (now = new Date()) => renewOnce(receivers, options, now, SIGNAL)
  return { host, lines, tell, renew, alerts }
}

interface Told {
  readonly status: 'firing' | 'resolved'
  readonly groupLabels: { readonly namespace: string }
  readonly alerts: readonly {
    readonly status: string
    readonly labels: Readonly<Record<string, string>>
    readonly annotations: Readonly<Record<string, string>>
  }[]
}

/** The first thing that people were told of which that holds. */
function toldOf(receiver: FakeReceiver, isIt: (told: Told) => boolean): Promise<Told> {
  return new Promise(resolve => {
    const look = () => receiver.received.map(({ body }): Told => JSON.parse(body)).find(isIt)
    receiver.react(response => {
      response.writeHead(200).end()
      const found = look()
      if (found !== undefined) resolve(found)
    })
    const found = look()
    if (found !== undefined) resolve(found)
  })
}

async function started(t: TestContext) {
  const people = await startFakeReceiver()
  t.after(people.close)
  return { people, manager: await startAlertmanager(t, `${people.origin}/people`) }
}

const skip = noAlertmanager()

it('a real Alertmanager groups crashes by its own rules, and tells of each who, why and where', {
  skip,
}, async t => {
  const { people, manager } = await started(t)
  const { tell } = world(t, manager.url)
  for (const notice of [crashOf('cart'), crashOf('pay'), crashOf('cart'), crashOf('web', 'other')])
    await tell(notice)
  const told = await toldOf(
    people,
    ({ groupLabels, alerts }) => groupLabels.namespace === 'shop' && alerts.length > 1,
  )
  assert.deepEqual(told.alerts.map(({ labels }) => labels.workload).toSorted(), ['cart', 'pay'])
  const { labels, annotations } = told.alerts.find(({ labels }) => labels.workload === 'cart')!
  assert.deepEqual(labels, {
    ...{ alertname: 'CoreDogCrash', cluster: 'eu-1', container: 'app', group: `v2:${DIGEST}` },
    ...{ namespace: 'shop', severity: 'page', signal: 'SIGSEGV', workload: 'cart' },
  })
  assert.match(annotations.summary ?? '', /SIGSEGV.*shop\/cart/)
  assert.match(annotations.frames ?? '', /checkout {2}cart\.c:7/)
  assert.match(annotations.links ?? '', /https:\/\/cores\.example/)
  assert.match(manager.amtool('alert', 'query', 'workload=pay'), /CoreDogCrash/)
})

it('a real Alertmanager says that it is over, some time after the last crash', { skip }, async t => {
  const { people, manager } = await started(t)
  const { tell } = world(t, manager.url, 3)
  const resolved = toldOf(people, ({ status }) => status === 'resolved')
  await tell(crashOf('cart'))
  const { alerts } = await resolved
  assert.deepEqual(
    alerts.map(({ labels, status }) => [labels.workload, status]),
    [['cart', 'resolved']],
  )
  assert.equal(JSON.parse(people.received[0]?.body ?? '{}').status, 'firing')
})

it('a real Alertmanager is silenced by labels, and knows again after a restart what goes on', {
  skip,
}, async t => {
  const { people, manager } = await started(t)
  const { tell, renew, host, alerts } = world(t, manager.url)
  manager.amtool('silence', 'add', 'workload=pay', '--comment=known', '--author=dog', '--duration=1h')
  await tell(crashOf('pay'))
  await tell(crashOf('cart'))
  const told = await toldOf(people, ({ status }) => status === 'firing')
  assert.deepEqual(
    told.alerts.map(({ labels }) => labels.workload),
    ['cart'],
  )
  assert.match(manager.amtool('alert', 'query', '--silenced', 'workload=pay'), /CoreDogCrash/)

  await manager.restart()
  assert.doesNotMatch(manager.amtool('alert', 'query', '--silenced'), /CoreDogCrash/)
  layWord(host, crashOf('queue', 'shop', 'suppressed'))
  assert.deepEqual(await renew(), [])
  assert.match(manager.amtool('alert', 'query', '--silenced', 'workload=pay'), /CoreDogCrash/)
  for (const workload of ['cart', 'queue'])
    assert.match(manager.amtool('alert', 'query', `workload=${workload}`), /CoreDogCrash/)
  assert.equal(alerts.within(900, new Date()).length, 3)
})

/** What a handler leaves of a crash that it only counted. */
function layWord(host: Host, notice: Notification): void {
  const folder = host.path('/var/lib/coredog/dedupe')
  mkdirSync(folder, { recursive: true })
  const file = path.join(folder, 'a-group')
  writeFileSync(file, 'version 1\n')
  writeFileSync(suppressedFile(file), encodeSuppressed({ notice, rule: { windowSeconds: 300, keep: 1 } }))
}
