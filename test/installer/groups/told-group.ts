import { pino } from 'pino'
import type { ReportCore } from '../../../crash/report.ts'
import { CrashGroup } from '../../../groups/crash-group.ts'
import { GroupNotifier } from '../../../installer/groups/notifier.ts'
import type { Notification } from '../../../notify/notification.ts'
import { TimedStore } from '../../groups/timed-store.ts'
import { REPORT } from '../../notify/sample-notification.ts'

export const BEGAN = new Date('2026-11-21T04:00:00Z')
export const GROUP = `_groups/prod/shop/Deployment.web/${'0'.repeat(32)}`
export const ID = '3f2a9c01d4e5'
const CRASH = `shop/web-0/app/20261121T040000Z-web-7-${ID}`

export const OWN_CORE = { key: `x/${CRASH}/core.gz`, url: `memory://${CRASH}/core.gz`, complete: true }

/** A group of which one crash was told of at {@link BEGAN}, and who tells more. */
export async function toldGroup({ core = OWN_CORE }: { readonly core?: ReportCore } = {}) {
  const store = new TimedStore(BEGAN)
  const told: Notification[] = []
  const busy = new Set<string>()
  const failing = new Set<string>()
  const logged: string[] = []
  const notifier = new GroupNotifier({
    store,
    storeDir: 'x',
    clusterName: () => 'prod',
    node: 'node-1',
    isToldOf: async id => busy.has(id),
    tell: async notification => {
      if (failing.has(notification.report.id)) throw new Error('no space left on device')
      told.push(notification)
    },
    now: () => store.now,
    log: pino({}, { write: (line: string) => void logged.push(JSON.parse(line).msg) }),
  })
  const group = new CrashGroup(store, GROUP)
  const report = { ...REPORT, id: ID, core }
  await store.put(`${CRASH}/report.json`, [Buffer.from(JSON.stringify(report))])
  const signal = new AbortController().signal
  await group.claim(0, { id: ID, node: 'node-9', time: BEGAN, crashes: 1 }, signal)
  const at = async (minutes: number) => {
    store.now = new Date(BEGAN.getTime() + minutes * 60_000)
    return await notifier.round(signal)
  }
  const count = (node: string, crashes: number) =>
    group.putCount(node, {
      crashes,
      first: BEGAN,
      last: store.now,
      pods: 2,
      images: ['r/web:1'],
      folder: CRASH,
    })
  return { store, group, told, busy, failing, logged, signal, at, count }
}

/** The same, of which a node counts seven crashes four minutes later, so that a message on them is due in one. */
export async function grownGroup(options: Parameters<typeof toldGroup>[0] = {}) {
  const group = await toldGroup(options)
  await group.at(4)
  await group.count('node-1', 7)
  return group
}
