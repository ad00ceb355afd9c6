import fc from 'fast-check'
import type { CrashReport } from '../../crash/report.ts'
import type { Wording } from '../../notify/message.ts'
import type { Notification } from '../../notify/notification.ts'
import { anyCharacter } from '../any-character.ts'

export const LINK = 'https://cores.example/prod/web-0/core.gz?X-Amz-Signature=abc&X-Amz-Expires=3600'

export const OUR_WORDS: Wording = { messageTemplate: null, messageLabels: {} }

export const REPORT: CrashReport = {
  schema: 'coredog.io/report/v1',
  id: '3f2a9c01d4e5',
  time: '2026-11-21T04:21:17Z',
  node: { name: 'node-7', ip: '10.0.1.7' },
  pod: {
    namespace: 'prod',
    name: 'web-0',
    uid: '0f8fad5b-d9cb-469f-a165-70867728950e',
    workload: { kind: 'StatefulSet', name: 'web' },
  },
  container: { name: 'app', image: 'registry.example/app:1.4.2', restartCount: 2 },
  process: { pid: 4242, namespacedPid: 7, threadId: 4245, comm: 'worker-3', executable: '/app/server' },
  signal: { number: 11, name: 'SIGSEGV', code: 'SEGV_MAPERR', faultAddress: '0x0' },
  crash: { module: '/app/server', offset: '0x1149', address: '0x401149' },
  core: {
    url: 's3://cores/prod/web-0/core.gz',
    compression: 'gzip',
    sizeBytes: 1_288_490_189,
    storedBytes: 88_080_384,
    complete: true,
  },
  handler: { version: '0.1.0' },
}

/** The notification of a crash where all went well. */
export function sampleNotification(overrides: Partial<Notification> = {}): Notification {
  return {
    outcome: 'stored',
    report: REPORT,
    link: LINK,
    corefilePath: '/corefile/prod/web-0/app/core.server.7.web-0.1700000000',
    ...overrides,
  }
}

/** The notification of a crash of which nearly nothing is known, and nothing was kept. */
export function lostNotification(overrides: Partial<Notification> = {}): Notification {
  return sampleNotification({
    outcome: 'lost',
    report: { schema: 'coredog.io/report/v1', id: '3f2a9c01d4e5' },
    link: null,
    reason: 'the store refused the key',
    hint: 'Check s3AccesskeyID.',
    ...overrides,
  })
}

const ATTACKS = [
  '](http://evil.example)',
  '[click](http://evil.example)',
  '![x](http://evil.example/pixel)',
  '<at id=all></at>',
  '<at user_id="all">all</at>',
  '<!channel>',
  '<@U123>',
  '<http://evil.example|click>',
  '<font color="warning">',
  '</font>',
  '**bold** `code` ~~gone~~ _low_',
  '&lt;!channel&gt;',
  '&#60;at id=all&#62;',
  '{corefile.url}',
  '{team}',
  '\n# heading\r\n> quote',
  '\u001b[31mred\u001b[0m\u0007',
  '\u202egnp.exe\u2066',
  '\u200b\u2028\u0000',
  '\ud800',
  '"}],"msg_type":"text"',
  '$(reboot); `reboot`',
  '崩溃'.repeat(400),
  '💥'.repeat(300),
  'A'.repeat(100_000),
]

/** A string as an attacker, or a careless program, would choose it. */
export const hostile: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...ATTACKS),
  fc.array(fc.constantFrom(...ATTACKS), { maxLength: 3 }).map(parts => parts.join('')),
  fc.string({ unit: anyCharacter, maxLength: 400 }),
)

/** A notification of which every string that can come from outside is hostile. */
export const hostileNotification: fc.Arbitrary<Notification> = fc
  .record({
    outcome: fc.constantFrom('stored', 'incomplete', 'lost'),
    text: fc.infiniteStream(hostile),
    link: fc.constantFrom(null, LINK, `${LINK}&X-Amz-Security-Token=${'t'.repeat(1800)}`),
    suppressed: fc.nat(),
  })
  .map(({ outcome, text, link, suppressed }) => {
    const next = () => text.next().value ?? ''
    const report: CrashReport = {
      ...REPORT,
      node: { name: next(), ip: next() },
      pod: { namespace: next(), name: next(), uid: next(), workload: { kind: next(), name: next() } },
      container: { name: next(), image: next(), restartCount: 2 },
      process: { ...REPORT.process, comm: next(), executable: `/${next()}` },
      signal: { name: next(), code: next(), faultAddress: next() },
      crash: {
        ...{ module: next(), offset: next(), address: next(), buildId: next() },
        ...{ reason: next(), abortMessage: next(), lastWords: [next(), next()] },
        frames: [
          { function: next(), module: next(), file: next(), line: 7, own: true },
          { module: next(), address: next() },
        ],
      },
      core: { ...REPORT.core, url: next(), incompleteReason: next() },
      suppressed,
      handler: { version: next() },
    }
    const lastLines = suppressed % 2 === 0 ? [] : [next(), next(), next()]
    return { outcome, report, link, corefilePath: next(), lastLines, reason: next(), hint: next() }
  })

/** An operator's template that shows all there is to show. */
export const FULL_TEMPLATE =
  '🚨 **应用崩溃告警** {pod.namespace}/{pod.name} {pod.uid} {pod.node} {host.ip}\n{corefile.path} {corefile.filename}\n' +
  '{corefile.url}\n{container.name} {image} {workload} {signal} {executable} {time} {crash.id} {outcome} {corefile.size}'
