import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import type { ReportProcess } from '../../crash/report.ts'
import { defaultMessage, messageFor } from '../../notify/message.ts'
import { inputs } from '../inputs.ts'
import {
  hostileNotification,
  LINK,
  lostNotification,
  OUR_WORDS,
  REPORT,
  sampleNotification,
} from './sample-notification.ts'

const busybox = { executable: '/bin/busybox', comm: 'job.sh', namespacedPid: 1 }
const processes: { name: string; process: ReportProcess; shown: string }[] = [
  {
    name: 'a thread',
    process: { ...busybox, pid: 5, threadId: 6 },
    shown: '/bin/busybox, thread job.sh, pid 1',
  },
  {
    name: 'the first thread',
    process: { ...busybox, pid: 5, threadId: 5 },
    shown: '/bin/busybox as job.sh, pid 1',
  },
  {
    name: 'a thread of a core that came as a file',
    process: { ...busybox, namespacedThreadId: 2 },
    shown: '/bin/busybox, thread job.sh, pid 1',
  },
  {
    name: 'the first thread of a core that came as a file',
    process: { ...busybox, namespacedThreadId: 1 },
    shown: '/bin/busybox as job.sh, pid 1',
  },
  { name: 'who knows which thread', process: busybox, shown: '/bin/busybox as job.sh, pid 1' },
  {
    name: 'the first thread under its own name',
    process: { ...busybox, comm: 'busybox' },
    shown: '/bin/busybox, pid 1',
  },
]
for (const { name, process, shown } of processes) {
  it(`defaultMessage() names ${name} by what it calls itself`, () => {
    const { facts } = defaultMessage(sampleNotification({ report: { ...REPORT, process } }))
    assert.equal(facts.find(({ label }) => label === 'Process')?.value, shown)
  })
}

it('defaultMessage() says abort() where the first process of a container died of another signal by it', () => {
  const signal = { number: 11, name: 'SIGSEGV', code: 'SI_KERNEL', call: 'abort()' }
  const { title, facts } = defaultMessage(sampleNotification({ report: { ...REPORT, signal } }))
  assert.equal(title, 'SIGSEGV by abort() in prod/web-0 (app)')
  assert.equal(
    facts.find(({ label }) => label === 'Signal')?.value,
    'SIGSEGV (SI_KERNEL) by abort(): the kernel ignores SIGABRT for process 1',
  )
})

it('defaultMessage() says what crashed, why, how big, where, and how to open it', () => {
  assert.deepEqual(defaultMessage(sampleNotification()), {
    tone: 'blue',
    title: 'SIGSEGV in prod/web-0 (app)',
    lines: [],
    backtrace: [],
    facts: [
      { label: 'Pod', value: 'prod/web-0' },
      { label: 'Container', value: 'app, restarted 2 times before' },
      { label: 'Image', value: 'registry.example/app:1.4.2' },
      { label: 'Workload', value: 'StatefulSet/web' },
      { label: 'Node', value: 'node-7 (10.0.1.7)' },
      { label: 'Process', value: '/app/server, thread worker-3, pid 7' },
      { label: 'Signal', value: 'SIGSEGV (SEGV_MAPERR) at address 0x0' },
      { label: 'Crashed at', value: '0x401149 in /app/server' },
      { label: 'Time', value: '2026-11-21T04:21:17Z' },
      { label: 'Core', value: 'complete' },
      { label: 'Size', value: '1.2 GiB → 84 MiB' },
      { label: 'Stored at', value: 's3://cores/prod/web-0/core.gz' },
    ],
    ownText: null,
    link: { label: 'Download the core', url: LINK },
    commands: ['gunzip core.gz && gdb /app/server core'],
    footnote: 'CoreDog 0.1.0 · crash 3f2a9c01d4e5 · whoever has the link can read the memory of the process',
  })
})

it('defaultMessage() says why, and shows the frames that matter instead of the place', () => {
  const libc = { function: 'raise', module: '/lib/libc.so.6', address: '0x1', own: false } as const
  const own = (name: string, line: number) => ({
    function: name,
    module: '/app/server',
    file: '/src/pay/two.c',
    line,
    own: true,
  })
  const crash = {
    ...REPORT.crash,
    reason: 'abort: the program gave up',
    abortMessage: "two.c:4: check: Assertion `b>=0' failed.",
    frames: [libc, { ...libc, function: 'abort' }, own('check', 4), own('main', 9), libc, libc, libc],
  }
  const { lines, backtrace, facts } = defaultMessage(sampleNotification({ report: { ...REPORT, crash } }))
  assert.deepEqual(lines, [
    'Why: abort: the program gave up',
    "It said: two.c:4: check: Assertion `b>=0' failed.",
  ])
  assert.deepEqual(backtrace, [
    '· abort  libc.so.6',
    '▸ check  two.c:4',
    '▸ main  two.c:9',
    '· raise  libc.so.6',
    '· raise  libc.so.6',
    '… 1 more',
  ])
  assert.equal(
    facts.some(({ label }) => label === 'Crashed at' || label === 'Build ID'),
    false,
  )
})

it('defaultMessage() names the cluster of the node', () => {
  const { facts } = defaultMessage(
    sampleNotification({ report: { ...REPORT, node: { ...REPORT.node, cluster: 'eu-1' } } }),
  )
  assert.equal(facts.find(({ label }) => label === 'Node')?.value, 'node-7 (10.0.1.7) of cluster eu-1')
})

it('defaultMessage() of a lost core is red and gives the reason and the hint', () => {
  const { tone, title, lines, facts, link, commands } = defaultMessage(lostNotification())
  assert.equal(tone, 'red')
  assert.equal(title, 'Core lost: Crash in an unknown process')
  assert.deepEqual(lines, [
    'The core was not kept: the store refused the key',
    'What to do: Check s3AccesskeyID.',
  ])
  assert.deepEqual(facts, [{ label: 'Core', value: 'lost' }])
  assert.deepEqual({ link, commands }, { link: null, commands: [] })
})

it('defaultMessage() of an incomplete core is orange and says why it is not whole', () => {
  const core = { ...REPORT.core, complete: false, incompleteReason: 'the container was removed' }
  const message = defaultMessage(sampleNotification({ outcome: 'incomplete', report: { ...REPORT, core } }))
  assert.equal(message.tone, 'orange')
  assert.equal(message.title, 'Core incomplete: SIGSEGV in prod/web-0 (app)')
  assert.deepEqual(message.lines, ['The core is not whole: the container was removed'])
  assert.deepEqual(message.link, { label: 'Download the core', url: LINK })
})

it('defaultMessage() says once what became of the core, whatever the report or an outbox of before says', () => {
  const firstLine = (outcome: 'lost' | 'incomplete' | 'suppressed', reason: string) => [
    defaultMessage(sampleNotification({ outcome, reason })).lines[0],
    defaultMessage(sampleNotification({ outcome, report: { ...REPORT, core: { incompleteReason: reason } } }))
      .lines[0],
  ]
  const twice = (line: string) => [line, line]
  assert.deepEqual(firstLine('lost', 'not kept: no room'), twice('The core was not kept: no room'))
  assert.deepEqual(
    firstLine('incomplete', 'it cannot be told whether it is whole: no ELF'),
    twice('It cannot be told whether the core is whole: no ELF'),
  )
  assert.deepEqual(
    firstLine('suppressed', 'not kept: dedupe'),
    twice('0 more crashes of its kind, counted and no core kept: dedupe'),
  )
})

it('defaultMessage() says when it is not certain whose crash it was', () => {
  const { lines } = defaultMessage(
    sampleNotification({ report: { ...REPORT, unidentified: 'no answer in 2 s' } }),
  )
  assert.deepEqual(lines, ['Whose crash it was is not certain: no answer in 2 s'])
})

it('defaultMessage() counts the crashes that were suppressed', () => {
  const lines = (suppressed: number) =>
    defaultMessage(sampleNotification({ report: { ...REPORT, suppressed } })).lines
  assert.deepEqual(lines(0), [])
  assert.match(lines(1)[0] ?? '', /^1 more crash of/)
  assert.match(lines(36)[0] ?? '', /^36 more crashes of/)
})

it('defaultMessage() of crashes that were counted has the core that was kept of them, and calls it so', () => {
  const kept = { key: 'prod/web-0/core.gz', url: 's3://cores/prod/web-0/core.gz' }
  const report = { ...REPORT, core: { complete: false, kept }, suppressed: 3 }
  const message = defaultMessage(sampleNotification({ outcome: 'suppressed', report, reason: 'dedupe' }))
  assert.deepEqual(message.link, { label: 'Download the last core that was kept', url: LINK })
  assert.deepEqual(message.facts.slice(-2), [
    { label: 'Core', value: 'not kept' },
    { label: 'Last one kept', value: kept.url },
  ])
  assert.deepEqual(message.commands, [])
})

it('defaultMessage() offers no link that a chat cannot open safely', () => {
  for (const link of [null, '/mnt/cfs/core.gz', 'javascript:alert(1)', 's3://cores/core.gz']) {
    const { link: shown, footnote } = defaultMessage(sampleNotification({ link }))
    assert.equal(shown, null)
    assert.equal(footnote, 'CoreDog 0.1.0 · crash 3f2a9c01d4e5')
  }
})

const titles = [
  {
    name: 'a pod without a container name',
    report: { pod: { namespace: 'a', name: 'b' } },
    title: 'Crash in a/b',
  },
  {
    name: 'a process of the host',
    report: { node: { name: 'node-7' }, process: { comm: 'sshd' }, signal: { name: 'SIGABRT' } },
    title: 'SIGABRT in sshd on node-7',
  },
  {
    name: 'a signal without a name',
    report: { signal: { number: 42 } },
    title: 'signal 42 in an unknown process',
  },
]
for (const { name, report, title } of titles) {
  it(`defaultMessage() names ${name}`, () => {
    const notification = sampleNotification({
      report: { schema: 'coredog.io/report/v1', id: 'x', ...report },
    })
    assert.equal(defaultMessage(notification).title, title)
  })
}

const sizes = [
  { sizeBytes: 0, shown: '0 B' },
  { sizeBytes: 1023, shown: '1023 B' },
  { sizeBytes: 1024, shown: '1.0 KiB' },
  { sizeBytes: 10 * 1024 ** 2, shown: '10 MiB' },
  { sizeBytes: 3 * 1024 ** 5, shown: '3.0 PiB' },
]
for (const { sizeBytes, shown } of sizes) {
  it(`defaultMessage() shows ${sizeBytes} bytes as ${shown}`, () => {
    const { facts } = defaultMessage(sampleNotification({ report: { ...REPORT, core: { sizeBytes } } }))
    assert.equal(facts.find(({ label }) => label === 'Size')?.value, shown)
  })
}

it('messageFor() gives a whole core the operator’s words alone', () => {
  const message = messageFor(sampleNotification(), { messageTemplate: 'boom', messageLabels: {} })
  assert.deepEqual(message.ownText, [{ kind: 'markup', text: 'boom' }])
  const { lines, facts, link, commands, footnote } = message
  assert.deepEqual(
    { lines, facts, link, commands, footnote },
    {
      lines: [],
      facts: [],
      link: null,
      commands: [],
      footnote: null,
    },
  )
})

it('messageFor() puts the reason above the operator’s words when the core is lost', () => {
  const message = messageFor(lostNotification(), { messageTemplate: 'boom', messageLabels: {} })
  assert.equal(message.tone, 'red')
  assert.match(message.lines[0] ?? '', /the store refused the key/)
  assert.deepEqual(message.ownText, [{ kind: 'markup', text: 'boom' }])
})

it('messageFor() makes one line of bounded length and visible characters of whatever comes', () => {
  fc.assert(
    fc.property(hostileNotification, notification => {
      const { title, lines, facts, commands, footnote } = messageFor(notification, OUR_WORDS)
      for (const text of [title, ...lines, ...facts.map(({ value }) => value), ...commands, footnote ?? '']) {
        assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|undefined|\[object/u)
        assert.ok(text.length < 1400, `${text.length} characters`)
      }
    }),
    inputs(60),
  )
})
