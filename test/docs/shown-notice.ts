import type { LanguageName } from '../../config/languages.ts'
import type { CrashReport, ReportFrame } from '../../crash/report.ts'
import { batchNote } from '../../notify/batch-note.ts'
import { defaultMessage, type Message, messageFor } from '../../notify/message.ts'
import { messageOfNote } from '../../notify/note.ts'
import type { Notification } from '../../notify/notification.ts'
import { StoreError } from '../../storage/errors.ts'

/** The crash that the documents show. */
const REPORT: CrashReport = {
  schema: 'coredog.io/report/v1',
  id: '3f2a9c01d4e5',
  time: '2026-11-21T04:21:17.000Z',
  node: { name: 'node-7', ip: '10.0.1.7' },
  pod: {
    namespace: 'shop',
    name: 'checkout-7c9f5d8b6-x2x9k',
    workload: { kind: 'Deployment', name: 'checkout' },
  },
  container: {
    name: 'app',
    image: 'registry.example/checkout:1.4.2',
    imageId: `registry.example/checkout@sha256:1f3c9e0a7b12${'0'.repeat(52)}`,
    restartCount: 3,
  },
  process: { pid: 4242, namespacedPid: 7, threadId: 4245, comm: 'worker-3', executable: '/app/checkout' },
  signal: { number: 11, name: 'SIGSEGV', code: 'SEGV_MAPERR', faultAddress: '0x0' },
  crash: {
    ...{ module: '/app/checkout', offset: '0x1149', address: '0x401149' },
    ...{ reason: 'read of a null pointer (address 0x0)', reasonCode: 'null-pointer' },
    frames: [
      frameOf('Basket::total() const', 'basket.cc', 41),
      frameOf('Order::pay(Card const&)', 'order.cc', 107),
      frameOf('serve(Request&)', 'main.cc', 63),
      { function: 'start_thread', module: '/lib/x86_64-linux-gnu/libc.so.6', own: false },
      { function: 'clone3', module: '/lib/x86_64-linux-gnu/libc.so.6', own: false },
    ],
  },
  core: {
    url: 's3://crashes/corefiles/shop/checkout-7c9f5d8b6-x2x9k/app/20261121T042117Z-worker-3-4242-3f2a9c01d4e5/core.gz',
    compression: 'gzip',
    sizeBytes: 1_288_490_189,
    storedBytes: 88_080_384,
    complete: true,
  },
  binaries: [{ path: '/app/checkout', key: 'corefiles/_binaries/eu-1/shop/…' }],
  seen: {
    first: '2026-11-17T22:03:51.000Z',
    last: '2026-11-21T04:21:17.000Z',
    count: 36,
    firstImage: 'registry.example/checkout:1.4.1',
  },
  handler: { version: '0.1.0' },
}

function frameOf(name: string, file: string, line: number): ReportFrame {
  return { function: name, module: '/app/checkout', file, line, own: true }
}

export const STORED: Notification = {
  outcome: 'stored',
  report: REPORT,
  link: 'https://crashes.s3.eu-central-1.amazonaws.com/corefiles/...',
  executableLink: 'https://crashes.s3.eu-central-1.amazonaws.com/corefiles/_binaries/...',
  corefilePath:
    '/corefile/shop/checkout-7c9f5d8b6-x2x9k/app/core.checkout.7.checkout-7c9f5d8b6-x2x9k.1795234877.gz',
}

const LOSS = new StoreError(
  'put',
  'core.gz',
  Object.assign(new Error(''), {
    name: 'NoSuchBucket',
    Code: 'NoSuchBucket',
    $metadata: { httpStatusCode: 404 },
  }),
  's3://crashes/corefiles/…/core.gz',
)

const { core: _, binaries: _binaries, ...WITHOUT_CORE } = REPORT

export const LOST: Notification = {
  ...STORED,
  report: WITHOUT_CORE,
  outcome: 'lost',
  link: null,
  executableLink: null,
  reason: LOSS.message,
  hint: LOSS.hint,
}

/** A crash loop of one team, and one crash of another. */
export function burstMessage(language: LanguageName): Message {
  const loop = Array.from({ length: 5 }, (_, second) => crashAt(second, 'checkout'))
  return messageOfNote(batchNote([...loop, crashAt(5, 'ledger')], language), language)
}

function crashAt(second: number, workload: string): Notification {
  const name = `${workload}-7c9f5d8b6-x2x9${second}`
  const namespace = workload === 'ledger' ? 'pay' : 'shop'
  const pod = { namespace, name, uid: name, workload: { kind: 'Deployment', name: workload } }
  const crash = { module: `/app/${workload}`, offset: '0x1149', address: '0x401149' }
  const time = `2026-11-21T04:21:1${second}.000Z`
  return { ...STORED, link: `${STORED.link}${name}`, report: { ...REPORT, time, pod, crash } }
}

/** The template of the original's chart. */
const TEMPLATE =
  '🚨 **应用崩溃告警**\n\n📦 Namespace: `{pod.namespace}`\n🏷️  Pod: `{pod.name}`\n🖥️  Node: `{pod.node}`\n📥 下载: {corefile.url}\n'

export function messageOf(notification: Notification, language: LanguageName): Message {
  return defaultMessage(notification, language)
}

export function templatedMessage(language: LanguageName): Message {
  return messageFor(STORED, { messageTemplate: TEMPLATE, messageLabels: {}, language })
}
