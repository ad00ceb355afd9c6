import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import type { ReportProcess } from '../../crash/report.ts'
import { sentenceOfLibc } from '../../crash/why/libc-message.ts'
import { backtraceLines, shortBacktrace } from '../../notify/backtrace.ts'
import { LANGUAGES } from '../../notify/language/all.ts'
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
    shown: '/bin/busybox',
  },
  {
    name: 'the first thread',
    process: { ...busybox, pid: 5, threadId: 5 },
    shown: '/bin/busybox as job.sh',
  },
  {
    name: 'a thread of a core that came as a file',
    process: { ...busybox, namespacedThreadId: 2 },
    shown: '/bin/busybox',
  },
  {
    name: 'the first thread of a core that came as a file',
    process: { ...busybox, namespacedThreadId: 1 },
    shown: '/bin/busybox as job.sh',
  },
  { name: 'who knows which thread', process: busybox, shown: '/bin/busybox as job.sh' },
  {
    name: 'the first thread under its own name',
    process: { ...busybox, comm: 'busybox' },
    shown: '/bin/busybox',
  },
]
for (const { name, process, shown } of processes) {
  it(`defaultMessage() names ${name} by what it calls itself`, () => {
    const { facts } = defaultMessage(sampleNotification({ report: { ...REPORT, process } }))
    assert.equal(facts.find(({ label }) => label === 'Program')?.value, shown)
  })
}

it('defaultMessage() leaves out a program of which the title says the name', () => {
  const container = { ...REPORT.container, name: 'server' }
  const { facts } = defaultMessage(sampleNotification({ report: { ...REPORT, container } }))
  assert.deepEqual(
    facts.map(({ label }) => label),
    ['Pod', 'Node', 'Image'],
  )
})

it('defaultMessage() calls an interpreter by what it ran', () => {
  const process = {
    executable: '/usr/bin/python3.11',
    comm: 'python3',
    arguments: ['python3', '-u', 'worker.py'],
  }
  const { facts } = defaultMessage(sampleNotification({ report: { ...REPORT, process } }))
  assert.equal(facts.find(({ label }) => label === 'Program')?.value, 'python3.11 … worker.py')
})

it('defaultMessage() has a link to the report beside the core, behind the links of the operator', () => {
  const notification = sampleNotification({ reportLink: `${LINK}&report` })
  const links = [{ label: 'Logs', parts: ['https://logs.example/'] }]
  const shown = messageFor(notification, { messageTemplate: null, messageLabels: {}, links }).links
  assert.deepEqual(
    shown?.map(({ label }) => label),
    ['Logs', 'Report with all stacks'],
  )
  assert.deepEqual(defaultMessage(sampleNotification({ reportLink: 'no link' })).links, [])
})

it('defaultMessage() links to the program and its symbols, and has a command for who has no room for the links', () => {
  const binaries = [{ buildId: 'abcd', key: 'k' }]
  const report = { ...REPORT, binaries, symbols: [{ buildId: 'abcd', key: 's' }] }
  const opened = { executableLink: `${LINK}&program`, symbolsLink: `${LINK}&symbols` }
  const { links, commands, commandsAlone } = defaultMessage(sampleNotification({ report, ...opened }))
  assert.deepEqual(
    links?.map(({ label }) => label),
    ['Its program', 'Its symbols'],
  )
  assert.match(commands[0] ?? '', /program\.debug \.build-id.* program core$/)
  assert.match(commandsAlone?.[0] ?? '', /off' \/app\/server core$/)
})

it('defaultMessage() says abort() where the first process of a container died of another signal by it', () => {
  const signal = { number: 11, name: 'SIGSEGV', code: 'SI_KERNEL', call: 'abort()' }
  const { title } = defaultMessage(sampleNotification({ report: { ...REPORT, signal } }))
  assert.equal(title, 'SIGSEGV by abort() in prod/web (app)')
})

it('defaultMessage() says what crashed, why, where, how to open it, and last how big it is and when it was', () => {
  assert.deepEqual(defaultMessage(sampleNotification()), {
    language: 'en',
    tone: 'blue',
    title: 'SIGSEGV in prod/web (app)',
    reason: ['SEGV_MAPERR, 0x0'],
    backtrace: { frames: [{ text: 'server + 0x401149', own: false }], more: 0 },
    lines: [],
    facts: [
      { label: 'Pod', value: 'web-0, restarted 2 times before' },
      { label: 'Program', value: '/app/server' },
      { label: 'Node', value: 'node-7 (10.0.1.7)' },
      { label: 'Image', value: 'registry.example/app:1.4.2' },
    ],
    ownText: null,
    links: [],
    link: { label: 'Download the core', url: LINK },
    commands: ["gunzip core.gz && gdb -nx -iex 'set auto-load off' /app/server core"],
    core: 'core of 1.2 GiB, 84 MiB stored',
    time: '2026-11-21T04:21:17Z',
    place: 's3://cores/prod/web-0/core.gz',
    footnote: 'CoreDog 0.1.0 · crash 3f2a9c01d4e5 · whoever has the link can read the memory of the process',
  })
})

const DIGEST = '1f3c9e0a7b12'.padEnd(64, '0')
const images = [
  {
    name: 'a tag and a digest',
    container: { image: 'r.example/app:1', imageId: `r.example/app@sha256:${DIGEST}` },
    shown: 'r.example/app:1 (sha256:1f3c9e0a7b12)',
  },
  {
    name: 'a digest that somebody wrote',
    container: { image: `r.example/app@sha256:${DIGEST}`, imageId: `sha256:${DIGEST}` },
    shown: 'r.example/app@sha256:1f3c9e0a7b12',
  },
  { name: 'a digest alone', container: { imageId: `sha256:${DIGEST}` }, shown: 'sha256:1f3c9e0a7b12' },
  {
    name: 'an id that is no digest',
    container: { image: 'app:1', imageId: 'docker://4f5e' },
    shown: 'app:1',
  },
]
for (const { name, container, shown } of images) {
  it(`defaultMessage() shows an image by ${name}`, () => {
    const { facts } = defaultMessage(sampleNotification({ report: { ...REPORT, container } }))
    assert.equal(facts.find(({ label }) => label === 'Image')?.value, shown)
  })
}

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
    reason: 'given up by the program itself',
    abortMessage: "two.c:4: check: Assertion `b>=0' failed.",
    frames: [
      libc,
      { ...libc, function: 'abort' },
      own('check', 4),
      own('main', 9),
      libc,
      { ...libc, function: 'run' },
      libc,
    ],
  }
  const { reason, backtrace } = defaultMessage(sampleNotification({ report: { ...REPORT, crash } }))
  assert.deepEqual(reason, ['Given up by the program itself', "“two.c:4: check: Assertion `b>=0' failed.”"])
  assert.deepEqual(backtraceLines(backtrace, LANGUAGES.en), [
    '· abort  libc.so.6',
    '▸ check  two.c:4',
    '▸ main  two.c:9',
    '… 3 more',
  ])
})

it('defaultMessage() begins a sentence with a capital letter, and leaves a function its name', () => {
  const shown = (reason: string) =>
    defaultMessage(sampleNotification({ report: { ...REPORT, crash: { reason } } })).reason[0]
  assert.deepEqual(['read of a page', 'std::terminate() was called', 'abort() of it'].map(shown), [
    'Read of a page',
    'std::terminate() was called',
    'abort() of it',
  ])
})

it('defaultMessage() marks a frame that was found by what looks like a return address', () => {
  const frames = [
    { function: 'smash', own: true, trust: 'cfi' },
    { function: 'print', own: true, trust: 'scan' },
  ] as const
  const { backtrace } = defaultMessage(sampleNotification({ report: { ...REPORT, crash: { frames } } }))
  assert.deepEqual(backtraceLines(backtrace, LANGUAGES.en), ['▸ smash', '▸ print (a guess)'])
  assert.deepEqual(backtraceLines(backtrace, LANGUAGES.zh), ['▸ smash', '▸ print （推测）'])
})

it('defaultMessage() shows a frame that is there many times over once, with a count, also where it is cut', () => {
  const frame = (line: number) => ({ function: 'deeper', file: '/src/bugs.c', line, own: true })
  const frames = [
    frame(26),
    ...Array.from({ length: 60 }, () => frame(29)),
    frame(3),
    frame(4),
    frame(5),
    frame(6),
  ]
  const { backtrace } = defaultMessage(sampleNotification({ report: { ...REPORT, crash: { frames } } }))
  const lines = [26, 29, 3, 4, 5].map(line => `▸ deeper  bugs.c:${line}${line === 29 ? ' × 60' : ''}`)
  assert.deepEqual(backtraceLines(backtrace, LANGUAGES.en), [...lines, '… 1 more'])
  assert.deepEqual(backtraceLines(shortBacktrace(backtrace, 1), LANGUAGES.en), [
    '▸ deeper  bugs.c:26',
    '… 64 more',
  ])
})

it('defaultMessage() says why nothing is known of why, and only then', () => {
  const unexplained = 'the process could not be looked at within 1 s'
  const said = (more: object) =>
    defaultMessage(sampleNotification({ report: { ...REPORT, crash: { unexplained, ...more } } })).reason
  assert.deepEqual(said({}), ['SEGV_MAPERR, 0x0', `Not explained: ${unexplained}`])
  assert.deepEqual(said({ reason: 'null call' }), ['Null call'])
})

it('defaultMessage() says nothing twice: not what the reason quotes of what the program said', () => {
  const abortMessage = `two.c:4: check: Assertion \`${'b>=0 && '.repeat(40)}' failed.`
  for (const reason of [`aborted: ${abortMessage.slice(0, 199)}…`, `failed assertion: ${abortMessage}`]) {
    const crash = { ...REPORT.crash, reason, abortMessage }
    const message = defaultMessage(sampleNotification({ report: { ...REPORT, crash } }))
    assert.equal(message.reason.length, 1)
  }
})

it('defaultMessage() says once what a panic of Rust said, and where', () => {
  for (const [abortMessage, reason] of [
    ['panicked at src/main.rs:12:5: no such cart', 'Rust panic: no such cart (src/main.rs:12:5)'],
    ['panicked at src/main.rs:12:5', 'Rust panic (src/main.rs:12:5)'],
  ] as const) {
    const crash = { ...REPORT.crash, reason, abortMessage }
    const message = defaultMessage(sampleNotification({ report: { ...REPORT, crash } }))
    assert.deepEqual(message.reason, [reason])
  }
})

const reasons = [
  ['integer division by zero', 'Integer division by zero'],
  ['abort() of the container’s first process', 'abort() of the container’s first process'],
  ['SIGQUIT sent by process 7', 'SIGQUIT sent by process 7'],
] as const
for (const [reason, shown] of reasons) {
  it(`defaultMessage() begins "${reason}" as a sentence, if it is one`, () => {
    const report = { ...REPORT, crash: { ...REPORT.crash, reason } }
    assert.deepEqual(defaultMessage(sampleNotification({ report })).reason, [shown])
  })
}

it('defaultMessage() of a crash of which only an offset in the file is known shows that', () => {
  const crash = { module: '/app/server', offset: '0x1149' }
  const { backtrace } = defaultMessage(sampleNotification({ report: { ...REPORT, crash } }))
  assert.equal(backtrace.frames[0]?.text, 'server (offset 0x1149 in the file)')
})

it('defaultMessage() cuts an endless name in the title, and not what became of the core', () => {
  const pod = { namespace: 'n'.repeat(63), name: 'x', workload: { kind: 'Deployment', name: 'w'.repeat(63) } }
  const container = { name: 'c'.repeat(63) }
  const lost = sampleNotification({ outcome: 'lost', report: { ...REPORT, pod, container } })
  for (const [language, title] of [
    ['en', /^SIGSEGV in n{63}\/w+….*, core lost$/],
    ['zh', /^SIGSEGV 崩溃：n{63}\/w+….*，core 丢失$/],
  ] as const) {
    assert.match(defaultMessage(lost, language).title, title)
    assert.ok(defaultMessage(lost, language).title.length <= 140)
  }
})

it('defaultMessage() says right behind the stack whether it is new', () => {
  const seen = { first: '2026-11-17T22:03:51Z', count: 36, firstImage: 'registry.example/app:1.4.1' }
  const notification = sampleNotification({ report: { ...REPORT, seen } })
  assert.deepEqual(defaultMessage(notification).lines, [
    '36th time since Tuesday on this node, first in app:1.4.1',
  ])
  assert.deepEqual(defaultMessage(notification, 'zh').lines, ['本节点自周二起第 36 次，最早出现在 app:1.4.1'])
})

it('defaultMessage() says nothing twice: not a bug that libc found and that the reason has in words', () => {
  for (const abortMessage of [
    "app: two.c:4: check: Assertion `b>=0' failed.",
    '*** stack smashing detected ***: terminated',
    'free(): double free detected in tcache 2',
  ]) {
    const reason = sentenceOfLibc(abortMessage)
    const report = { ...REPORT, crash: { ...REPORT.crash, reason, abortMessage } }
    assert.equal(defaultMessage(sampleNotification({ report })).reason.length, 1, abortMessage)
  }
})

it('defaultMessage() cuts a long reason in its own language, with the end of a known sentence in it', () => {
  const reason = `Assertion \`${'b>=0 && '.repeat(30)}' failed in ${'f'.repeat(80)} (two.c:4)`
  const notification = sampleNotification({ report: { ...REPORT, crash: { reason, reasonCode: 'abort' } } })
  const [english = '', chinese = ''] = (['en', 'zh'] as const).map(
    language => defaultMessage(notification, language).reason[0],
  )
  assert.match(english, /^Assertion `b>=0 /)
  assert.match(chinese, /^断言失败：b>=0 /)
  for (const line of [english, chinese]) assert.equal(line.length, 300)
})

it('messageFor() speaks Chinese where the channel does', () => {
  const crash = { ...REPORT.crash, reason: 'read of a null pointer', reasonCode: 'null-pointer' }
  const wording = { messageTemplate: null, messageLabels: {}, language: 'zh' } as const
  const message = messageFor(sampleNotification({ report: { ...REPORT, crash } }), wording)
  assert.equal(message.title, 'SIGSEGV 崩溃：prod/web (app)')
  assert.deepEqual(message.reason, ['读空指针'])
  assert.deepEqual(message.facts[0], { label: 'Pod', value: 'web-0（此前已重启 2 次）' })
  assert.equal(message.link?.label, '下载 core')
  assert.match(message.footnote ?? '', /^CoreDog 0\.1\.0 · 崩溃 ID/)
})

it('defaultMessage() names the cluster of the node', () => {
  const { facts } = defaultMessage(
    sampleNotification({ report: { ...REPORT, node: { ...REPORT.node, cluster: 'eu-1' } } }),
  )
  assert.deepEqual(facts.at(-1), { label: 'Cluster', value: 'eu-1' })
})

it('defaultMessage() of a lost core is red and gives the reason and the hint', () => {
  const { tone, title, lines, facts, link, commands } = defaultMessage(lostNotification())
  assert.equal(tone, 'red')
  assert.equal(title, 'Crash in an unknown process, core lost')
  assert.deepEqual(lines, ['The core was not kept: the store refused the key', 'Check s3AccesskeyID.'])
  assert.deepEqual(facts, [])
  assert.deepEqual({ link, commands }, { link: null, commands: [] })
})

it('defaultMessage() of an incomplete core is orange and says why it is not whole', () => {
  const core = { ...REPORT.core, complete: false, incompleteReason: 'the container was removed' }
  const message = defaultMessage(sampleNotification({ outcome: 'incomplete', report: { ...REPORT, core } }))
  assert.equal(message.tone, 'orange')
  assert.equal(message.title, 'SIGSEGV in prod/web (app), core incomplete')
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
  assert.equal(message.title, '3 more crashes: SIGSEGV in prod/web (app)')
  assert.equal(message.place, `last one kept: ${kept.url}`)
  assert.deepEqual(message.commands, [])
})

it('defaultMessage() says once where a core is that is copied from there', () => {
  const core = { ...REPORT.core, url: 'cfs:///mnt/cores/prod/web-0/core.gz' }
  const { commands, place } = defaultMessage(sampleNotification({ report: { ...REPORT, core } }))
  assert.match(commands[0] ?? '', /^cp \/mnt\/cores\/prod\/web-0\/core\.gz \. && /)
  assert.equal(place, null)
})

it('defaultMessage() says of a core that has no more than was wanted that it is so', () => {
  const coreLine = (dump: 'stacks' | 'private', language: 'en' | 'zh') =>
    defaultMessage(sampleNotification({ report: { ...REPORT, core: { sizeBytes: 2048, dump } } }), language)
      .core
  assert.equal(coreLine('stacks', 'en'), 'core of 2.0 KiB, stacks only, as configured')
  assert.equal(coreLine('private', 'en'), 'core of 2.0 KiB, no shared memory, as configured')
  assert.equal(coreLine('stacks', 'zh'), 'core 2.0 KiB，按配置只含调用栈')
  assert.equal(coreLine('private', 'zh'), 'core 2.0 KiB，按配置不含共享内存')
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
    const { core } = defaultMessage(sampleNotification({ report: { ...REPORT, core: { sizeBytes } } }))
    assert.equal(core, `core of ${shown}`)
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
      const message = messageFor(notification, OUR_WORDS)
      const { title, reason, backtrace, lines, facts, commands, core, time, place, footnote } = message
      const frames = backtrace.frames.map(({ text }) => text)
      const values = facts.map(({ value }) => value)
      const small = [core ?? '', time ?? '', place ?? '', footnote ?? '']
      for (const text of [title, ...reason, ...frames, ...lines, ...values, ...commands, ...small]) {
        assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|undefined|\[object/u)
        assert.ok(text.length < 1400, `${text.length} characters`)
      }
    }),
    inputs(60),
  )
})
