import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import fc from 'fast-check'
import { REASON_CODES, reasonOf } from '../../../crash/why/reason.ts'
import { reasonOfWay } from '../../../crash/why/way-to-abort.ts'
import { NO_ROOM } from '../../../handler/spooling.ts'
import { CUT } from '../../../handoff/spool-entry.ts'
import { withDetail } from '../../../notify/detail.ts'
import { LANGUAGES } from '../../../notify/language/all.ts'
import { doubtInZh } from '../../../notify/language/doubts-zh.ts'
import { HINTS_ZH } from '../../../notify/language/hints-zh.ts'
import { lossInZh } from '../../../notify/language/losses-zh.ts'
import { reasonInZh } from '../../../notify/language/reasons-zh.ts'
import { unexplainedInZh } from '../../../notify/language/unexplained-zh.ts'
import { LIMIT_HINTS, limitHint } from '../../../notify/limit-hint.ts'
import { troubleOf } from '../../../notify/trouble.ts'
import { KNOWN_FAILURES } from '../../../storage/known-failures.ts'
import { inputs } from '../../inputs.ts'
import { REPORT, sampleNotification } from '../sample-notification.ts'

const ROOT = path.resolve(import.meta.dirname, '../../..')

const reasons = [
  ['read of a null pointer', '读空指针'],
  ['read of a null pointer (address 0x18)', '读空指针（地址 0x18）'],
  ['write to a null pointer (a negative offset, address -0x8)', '写空指针（地址 -0x8，偏移为负）'],
  ['write to read-only memory (/app/server, address 0x401000)', '写只读内存（/app/server，地址 0x401000）'],
  ['stack overflow (the stack of 8 MiB is full)', '栈溢出（8 MiB 的栈已用完）'],
  [
    'memory was freed twice (free(): double free detected in tcache 2)',
    '重复释放（free(): double free detected in tcache 2）',
  ],
  ["Assertion `b>=0' failed in check (two.c:4)", '断言失败：b>=0（check，two.c:4）'],
  ['Rust panic: balance (b) is -12 (src/main.rs:12:5)', 'Rust panic：balance (b) is -12（src/main.rs:12:5）'],
  ['Rust panic: index out of bounds (src/main.rs:12:5)', 'Rust panic：数组下标越界（src/main.rs:12:5）'],
  ['Rust panic (src/main.rs:12:5)', 'Rust panic（src/main.rs:12:5）'],
  [
    'memory of malloc() was overwritten or freed twice (found in free())',
    '堆被踩坏或重复释放（在 free() 中发现）',
  ],
  ['SIGABRT sent by process 7 (bash, uid 0)', '收到进程 7（bash，uid 0）发来的 SIGABRT'],
  [
    "read of a null pointer (address 0x0), caught by the program's handler, which raised it again",
    '读空指针（地址 0x0）；信号处理函数捕获后重新触发',
  ],
  [
    "SIGSEGV: call through a null pointer, caught by the program's handler, which called abort()",
    'SIGSEGV：调用空函数指针；信号处理函数捕获后调用了 abort()',
  ],
] as const
for (const [english, chinese] of reasons) {
  it(`zh says "${english}" as an engineer in China does`, () => {
    assert.equal(reasonInZh(english, 'other'), chinese)
  })
}

it('zh knows what the functions of a stack say of why a program gave up', () => {
  const ways = [
    '__cxa_pure_virtual',
    '__stack_chk_fail',
    'std::panicking::panic_in_cleanup',
    'core::panicking::panic_cannot_unwind',
    'core::panicking::panic_bounds_check',
    'core::option::unwrap_failed',
    'rust_panic',
    'v8::internal::Heap::FatalProcessOutOfMemory(char const*)',
    'node::Abort(v8::FunctionCallbackInfo<v8::Value> const&)',
    'node::errors::TriggerUncaughtException(v8::FunctionCallbackInfo<v8::Value> const&)',
    'V8_Fatal(char const*, ...)',
  ]
  for (const way of ways) {
    const sentence = reasonOfWay([way])?.sentence ?? ''
    assert.doesNotMatch(
      reasonInZh(sentence, 'panic').replace('Rust panic', ''),
      /[a-z]{3} [a-z]{2}/,
      sentence,
    )
    assert.doesNotMatch(reasonInZh(sentence, 'panic'), /^panic：/, sentence)
  }
})

it('zh says the kind of a reason that it does not know, and the reason as it is', () => {
  assert.equal(reasonInZh('something new', 'null-pointer'), '空指针：something new')
  assert.equal(reasonInZh('something new', 'of-a-later-release'), 'something new')
  assert.equal(reasonInZh('something new', undefined), 'something new')
})

const bytes = fc.uint8Array({ minLength: 0, maxLength: 16 }).map(array => Buffer.from(array))
const address = fc.constantFrom(
  0n,
  8n,
  -8n,
  0x8000n,
  0x401000n,
  0x7fff_0000_0000n,
  0x6fff_ffff_f000n,
  -(2n ** 40n),
)
const MAPPINGS = [
  { start: 0x401000n, end: 0x402000n, permissions: 'r-xp', offset: 0n, name: '/app/server' },
  { start: 0x402000n, end: 0x403000n, permissions: 'r--p', offset: 0n, name: '' },
  { start: 0x6fff_ffff_e000n, end: 0x6fff_ffff_f000n, permissions: '---p', offset: 0n, name: '' },
  { start: 0x7fff_0000_0000n, end: 0x7fff_0080_0000n, permissions: 'rw-p', offset: 0n, name: '[stack]' },
]

it('zh knows every reason that there may be', () => {
  const evidence = fc.record({
    signal: fc.constantFrom(3, 4, 5, 6, 7, 8, 11, 24, 25, 31, 34),
    code: fc.constantFrom(-60, -6, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 128),
    at: address,
    instruction: address,
    stackPointer: address,
    code16: bytes,
    machine: fc.constantFrom('x86-64' as const, 'aarch64' as const),
    pid: fc.constantFrom(0, 1, 7),
    sender: fc.constantFrom({}, { sender: { pid: 9, comm: 'bash', uid: 0 } }),
    said: fc.constantFrom(
      {},
      { call: 'abort()' },
      { call: 'abort() or a failed check of heap or stack' },
      { abortMessage: "app: two.c:4: check: Assertion `b>=0' failed." },
      { abortMessage: '*** stack smashing detected ***: terminated' },
      { abortMessage: 'free(): double free detected in tcache 2' },
      { abortMessage: 'munmap_chunk(): invalid pointer' },
      { abortMessage: 'corrupted size vs. prev_size' },
      { abortMessage: 'no luck' },
      { exception: { type: 'std::runtime_error', what: 'no' } },
      { panic: 'runtime error: index out of range' },
      { rustPanic: { place: 'src/main.rs:12:5', words: 'no such cart' } },
      { rustPanic: { place: 'src/main.rs:12:5' } },
    ),
  })
  fc.assert(
    fc.property(
      evidence,
      ({ signal, code, at, instruction, stackPointer, code16, machine, pid, sender, said }) => {
        const info = {
          number: signal,
          code,
          address: at,
          pid,
          uid: 0,
          ...(signal === 31 && { systemCall: 41 }),
        }
        const reason = reasonOf({
          ...{ signal, info, instruction, stackPointer, code: code16, machine, mappings: MAPPINGS, pid: 1 },
          ...sender,
          ...said,
        })
        assertChinese(reasonInZh(reason.sentence, undefined), reason.sentence)
      },
    ),
    inputs(4000),
  )
})

it('zh knows what chats are told of each kind where they are told little', () => {
  for (const reasonCode of REASON_CODES) {
    const report = { ...REPORT, crash: { reasonCode, reason: 'x' } }
    const { crash } = withDetail(sampleNotification({ report }), 'names').report
    if (crash?.reason !== undefined) assertChinese(reasonInZh(crash.reason, undefined), crash.reason)
  }
})

it('zh knows why it may not be sure whose crash it was', () => {
  for (const english of [
    'the container runtime knows no container 4d1f4d1f4d1f',
    'the cgroup of process 7 could not be read',
    "process 7 is in no cgroup, and its mnt namespace is not known to be the node's",
    'process 7 was gone before it could be looked at',
    'process 7 was replaced by another while it was looked at',
    "the kernel's pidfd is of process 8, not 7",
    'process 7 is not dumping core',
    'the core is of process 8, but process 7 was looked at',
    'its handler was killed before it had looked at the process',
    'it was replayed from a file',
    'its handler was killed before the container runtime had answered',
    'the runtime says pod 0f8f, but the cgroup says 1a2b',
    'Cannot identify container "4d1f": no answer in 2 s',
    'Cannot ask the container runtime at "/run/x.sock": no answer in time',
    'Cannot ask the container runtime: none of "/run/x.sock" exists',
  ]) {
    assertChinese(doubtInZh(english), english)
    const source = english.replace(/"[^"]*"|\b(?:4d1f)+\b|\b(?:0f8f|1a2b|mnt)\b|\d+/g, '\0')
    for (const words of source.split('\0').filter(part => part.trim().length > 3))
      assert.ok(IDENTITY.includes(words.replace(/^[: ]+|[.: ]+$/g, '')), words)
  }
})

/** What says so. */
const IDENTITY = globSync(['handler/**/*.ts'], { cwd: ROOT })
  .map(file => readFileSync(path.join(ROOT, file), 'utf8'))
  .join('\n')

it('zh knows why nothing is known of a crash', () => {
  for (const english of [
    'it is no core: it does not begin as a little-endian ELF file',
    'it is not certain which process it was',
    'the process could not be looked at within 1 s',
    'it could not be explained: there was no time for it',
    'it could not be explained: it took longer than 10 s',
  ])
    assertChinese(unexplainedInZh(english), english)
})

it('zh knows all that is said of stores, and what to do', () => {
  for (const { message, hint } of KNOWN_FAILURES) {
    const english = `Cannot put "s3://cores/a/core.gz": ${message} (SomeCode, HTTP 404)`
    assert.match(lossInZh(english), /^无法写入 "s3:\/\/cores\/a\/core\.gz"：.*\p{Script=Han}/u, message)
    assert.ok(!lossInZh(english).includes(message), message)
    assert.match(lossInZh(english), /（SomeCode, HTTP 404）$/)
    assert.ok(Object.hasOwn(HINTS_ZH, hint), hint)
  }
})

/** Sentences that end as a hint does; what is put into them is `x`. */
function hintsIn(file: string): string[] {
  const source = readFileSync(path.join(ROOT, file), 'utf8').replace(/^ *(?:\/\/|\/?\*).*$/gm, '')
  const literals = source.matchAll(
    /'([A-Z][^'\n]* [^'\n]*\.)'|"([A-Z][^"\n]* [^"\n]*\.)"|`([A-Z][^`\n]* [^`\n]*\.)`/g,
  )
  return [...literals].map(([, ...texts]) => texts.join('').replace(/\$\{[^}]*\}/g, 'x'))
}

const storeHints = globSync('storage/**/*.ts', { cwd: ROOT }).flatMap(hintsIn)

it('zh knows each hint that any source of a store gives', () => {
  assert.ok(storeHints.length > KNOWN_FAILURES.length)
  for (const hint of storeHints) assertChinese(LANGUAGES.zh.hint(hint), hint)
})

it('zh knows a hint that has another behind it', () => {
  for (const { hint } of KNOWN_FAILURES) {
    for (const remedy of storeHints.filter(text => / (?:by hand|multipart uploads)\.$/.test(text))) {
      const chinese = LANGUAGES.zh.hint(`${hint} ${remedy}`)
      assertChinese(chinese, hint)
      assert.ok(chinese.startsWith(HINTS_ZH[hint] ?? '?'), chinese)
    }
  }
})

it('zh says a hint of another release as it is', () => {
  assert.equal(LANGUAGES.zh.hint('Do something new.'), 'Do something new.')
})

it('zh knows what stores say that is no answer', () => {
  for (const said of [
    'the mount path "/mnt/cfs" does not exist',
    'the mount path "/mnt/cfs" is no directory',
    'the credentials that the installer handed over have expired',
    'the data is longer than was announced: more than 10000 parts of 8388608 bytes',
  ]) {
    assertChinese(lossInZh(`Cannot put "s3://cores/a/core.gz": ${said}`), said)
    assert.ok(!lossInZh(`Cannot put "s3://cores/a/core.gz": ${said}`).includes(said.slice(0, 8)), said)
  }
})

for (const file of ['installer/spool/finish-core.ts', 'installer/spool/killed-handlers.ts']) {
  it(`zh knows each reason in ${file}`, () => {
    const source = readFileSync(path.join(ROOT, file), 'utf8')
    const reasons = [...source.matchAll(/'((?:its handler|the store|a process) [^'\n]+)'/g)].map(
      ([, text = '']) => text,
    )
    assert.notEqual(reasons.length, 0)
    for (const reason of reasons) assertChinese(lossInZh(reason), reason)
  })
}

it('zh knows a reason that nobody wrote down', () => {
  assertChinese(lossInZh('the reason is not known'), 'the reason is not known')
})

it('zh knows what to do about each limit', () => {
  for (const hint of LIMIT_HINTS) assert.ok(Object.hasOwn(HINTS_ZH, hint), hint)
})

for (const reason of [...Object.values(NO_ROOM), ...Object.values(CUT)]) {
  it(`a core that a full spool cut has a reason and a hint: ${reason.slice(0, 60)}`, () => {
    assertChinese(lossInZh(reason), reason)
    assert.match(limitHint(`only 7 of 9 bytes were kept: ${reason}`) ?? '', /raise spool\./)
  })
}

for (const limit of ['limits.maxCoreSize', 'its process had been held for 30 s: limits.maxHold']) {
  it(`a core that a limit cut says which, and what to do: ${limit}`, () => {
    const report = { ...REPORT, core: { ...REPORT.core, complete: false, incompleteReason: limit } }
    const [what, hint] = troubleOf(sampleNotification({ outcome: 'incomplete', report }), LANGUAGES.en)
    assert.match(what ?? '', /^The core is not whole: it(?: is|s process) .*limits\./)
    assert.match(hint ?? '', /^Raise limits\./)
  })
}

const losses = [
  [
    'the kernel stopped after 7 of 9 bytes: the process was killed while it dumped (its container was removed, a probe failed, or memory ran out)',
    /7 \/ 9 字节/,
  ],
  [
    'only 7 of 9 bytes were kept: its process had been held for 30 s: limits.maxHold',
    /只保存了 7 \/ 9 字节：.*30 秒/,
  ],
  ['only 7 of 9 bytes were kept: limits.maxCoreSize', /超过了 limits\.maxCoreSize 的上限/],
  ['its handler was killed before any of it was kept', /^handler 被杀/],
  [
    'a core of the same crash was kept at 2026-11-21T04:21:17.000Z, and dedupe keeps no more',
    /^同样崩溃的 core 已在 2026-11-21T04:21:17\.000Z 保存过一份/,
  ],
  [
    'a core of the same crash was kept in the cluster, and dedupe keeps no more until 2026-11-21T04:41:00.000Z',
    /^集群中已保存过同样崩溃的 core，2026-11-21T04:41:00\.000Z 之前/,
  ],
  [
    'its workload has had 20 cores kept on this node since 2026-11-21T04:21:17.000Z, and limits.perWorkload keeps no more within an hour',
    /^该工作负载自 2026-11-21T04:21:17\.000Z 起在本节点已保存 20 份 core/,
  ],
  ['neither the store nor the spool of its node had room for more', /^存储和节点的 spool 都没有空间了$/],
  ['the store confirmed part 7 and does not have it', /^存储确认收到了第 7 个分片/],
  ['Cannot keep the core of process 7: the kernel wrote nothing', /^进程 7 的 core/],
  ['words of another release', /^words of another release$/],
] as const
for (const [english, chinese] of losses) {
  it(`zh says why a core is not whole: ${english.slice(0, 40)}`, () => {
    assert.match(lossInZh(english), chinese)
  })
}

function assertChinese(chinese: string, english: string): void {
  assert.notEqual(chinese, english)
  assert.match(chinese, /[\p{Script=Han}]|^(?:Go|Rust) panic[：（]/u, english)
  assert.doesNotMatch(chinese, /\b(?:the|of|that|which|may|address)\b(?! range)/, english)
}
