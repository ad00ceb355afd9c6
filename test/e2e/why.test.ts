/** What is said of why a process crashed, on real programs. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { execa } from 'execa'
import type { CrashReport, ReportFrame } from '../../crash/report.ts'
import { unpackCore } from './unpacked-core.ts'
import { openWorld, type World } from './world.ts'

const HANDLER = path.resolve(import.meta.dirname, '../../dist/coredog-handler')
const SOURCE = path.resolve(import.meta.dirname, '../crashers/why/bugs.c')
const THROWS = path.resolve(import.meta.dirname, '../crashers/why/throws.cpp')

/** How a program may be built; what it is called tells what is special. */
const BUILDS = {
  plain: ['-O1', '-g'],
  fixed: ['-O1', '-no-pie'],
  optimised: ['-O2', '-fomit-frame-pointer'],
  static: ['-O1', '-static'],
  'static-pie': ['-O1', '-static-pie'],
  unidentified: ['-O1', '-s', '-Wl,--build-id=none'],
} as const

const BUGS: readonly { word: string; code: string; said: RegExp; own: readonly string[] }[] = [
  { word: 'null', code: 'null-pointer', said: /null pointer/, own: ['read_it', 'bug', 'main'] },
  { word: 'constant', code: 'read-only-write', said: /read-only/, own: ['write_it', 'bug', 'main'] },
  { word: 'assert', code: 'abort', said: /failed in check_balance/, own: ['check_balance', 'bug', 'main'] },
  { word: 'overflow', code: 'stack-overflow', said: /stack overflow/, own: ['deeper', 'deeper', 'deeper'] },
  {
    word: 'overflow-in-thread',
    code: 'stack-overflow',
    said: /stack overflow \(/,
    own: ['deeper', 'deeper'],
  },
  { word: 'free', code: 'abort', said: /memory was freed twice/, own: ['free_twice', 'bug', 'main'] },
  { word: 'call', code: 'null-call', said: /null pointer/, own: ['call_it', 'bug', 'main'] },
  { word: 'zero', code: 'division-by-zero', said: /division/, own: ['divided', 'bug', 'main'] },
  { word: 'trap', code: 'illegal-instruction', said: /instruction/, own: ['bug', 'main'] },
  { word: 'quit', code: 'raised', said: /./, own: ['bug', 'main'] },
  { word: 'handler', code: 'abort', said: /abort/, own: ['on_signal', 'bug', 'main'] },
  { word: 'thread', code: 'null-pointer', said: /null pointer/, own: ['read_it', 'bug', 'in_thread'] },
]

const WORDS: readonly (readonly [string, string, RegExp])[] = [
  ['smash', 'abort', /^a function wrote past the end of a local buffer \(stack smashing detected\)$/],
  ['wild', 'wild-call', /^call through a wild pointer, or return .* \(no code at address 0x123456789000\)$/],
  ['truncated', 'truncated-mapping', /^read of a page of \S+ that is not there \(the file was truncated/],
  ['refused', 'bad-syscall', /^system call \d+ refused by a seccomp filter$/],
  ['invalid', 'illegal-instruction', /^illegal instruction \(bytes 06 /],
]

const CRATES = path.resolve(import.meta.dirname, '../crashers/truth/crates.rs')
const RUSTC = path.join(process.env.HOME ?? '/root', '.cargo/bin/rustc')
const SKIP_RUST = { skip: !existsSync(RUSTC) && 'there is no rustc' }
const PANICS = [
  ['index', 'index out of bounds: the len is 3 but the index is 7 (src/crates.rs:10:9)'],
  ['overflow', 'a sum that fits (src/crates.rs:20:33)'],
  ['thread', 'called `Option::unwrap()` on a `None` value (src/crates.rs:65:55)'],
  ['words', 'the balance is -12 (src/crates.rs:64:20)'],
] as const

const SKIP_MUSL = { skip: !existsSync('/usr/bin/musl-gcc') && 'there is no musl-gcc' }
const HEADERS = ['-idirafter', '/usr/include', '-idirafter', '/usr/include/x86_64-linux-gnu']
const MUSL = ['-O2', '-static', '-w', '-fno-builtin', '-fstack-protector-all', ...HEADERS]

describe('why a process crashed', { timeout: 600_000 }, () => {
  let world: World

  before(async () => {
    world = await openWorld(HANDLER)
    world.configure({ collect: { hostProcesses: 'collect' } })
    await world.setCorePattern(world.handler.witnessed())
  })
  after(() => world?.[Symbol.asyncDispose]())

  for (const { word, code, said, own } of BUGS)
    it(`says of "${word}" that it was ${code}, and where`, async () => {
      const { report } = await crashed('plain', word)
      assert.equal(report.crash?.reasonCode, code)
      assert.match(report.crash?.reason ?? '', said)
      assert.deepEqual(ownNames(report.crash?.frames).slice(0, own.length), own)
    })

  for (const [word, code, said] of WORDS)
    it(`says of "${word}" what a person understands`, async () => {
      const { crash } = (await crashed('plain', word)).report
      assert.equal(crash?.reasonCode, code)
      assert.match(crash?.reason ?? '', said)
      assert.ok(ownNames(crash?.frames).includes('bug'))
    })

  it('says that the first process of a pid namespace called abort()', async () => {
    const args = ['--pid', '--fork', await built('plain'), 'abort']
    const { crash, process } = await crashBelow('unshare', args, ({ signal }) => signal?.call === 'abort()')
    assert.equal(process?.namespacedPid, 1)
    assert.deepEqual(
      [crash?.reasonCode, crash?.reason],
      ['abort', "abort() of the container's first process, which the kernel shows as SIGSEGV"],
    )
  })

  it('says what glibc said before it aborted', async () => {
    const { crash } = (await crashed('plain', 'assert')).report
    assert.match(crash?.abortMessage ?? '', /bugs\.c:\d+: check_balance: Assertion `balance >= 0' failed\.$/)
    const freed = (await crashed('plain', 'free')).report
    assert.match(freed.crash?.abortMessage ?? '', /double free/)
  })

  it('says what a handler of the program had caught, from the stack that it left', async () => {
    const read = (await crashed('plain', 'caught')).report
    assert.equal(
      read.crash?.reason,
      "SIGSEGV: read of a null pointer (address 0x18), caught by the program's handler, which called abort()",
    )
    assert.equal(read.crash?.reasonCode, 'null-pointer')
    assert.equal(read.crash?.firstCause?.signal?.faultAddress, '0x18')
    assert.deepEqual(ownNames(read.crash?.firstCause?.frames).slice(0, 3), ['read_it', 'bug', 'main'])
    const full = (await crashed('plain', 'again')).report
    assert.match(
      full.crash?.reason ?? '',
      /^stack overflow \(.* is full\), caught by .* handler, which raised it again$/,
    )
    assert.deepEqual(ownNames(full.crash?.firstCause?.frames).slice(0, 2), ['deeper', 'deeper'])
    const bare = (await crashed('plain', 'overflow')).report
    assert.equal(full.crash?.group, bare.crash?.group)
  })

  it('says who killed it, on the node and in a pid namespace of its own, and what its threads are called', async () => {
    const kill = `${await built('plain')} wait & kill -SEGV $!; wait`
    const onNode = await crashBelow('sh', ['-c', kill])
    const { sender } = onNode.crash ?? {}
    assert.deepEqual([onNode.crash?.reasonCode, sender?.comm, sender?.uid], ['killed', 'sh', 0])
    assert.equal(onNode.crash?.reason, `SIGSEGV sent by process ${sender?.pid} (sh, uid 0)`)
    const apart = await crashBelow('unshare', ['--pid', '--fork', 'sh', '-c', kill])
    const { pid = 0, ...known } = apart.crash?.sender ?? {}
    assert.deepEqual(known, { namespacedPid: 1, comm: 'sh', uid: 0 })
    assert.ok(pid > 1)
    const threads = (await crashed('plain', 'thread')).report.threads ?? []
    assert.deepEqual(
      threads.map(({ name }) => name),
      ['the first'],
    )
  })

  it('says which exception of C++ was not caught, and where it was thrown', async () => {
    await execa('g++', ['-O1', '-g', '-o', program('throws'), THROWS])
    const { crash } = (await crashOf(program('throws'), 'yours')).report
    assert.deepEqual(
      [crash?.reasonCode, crash?.reason],
      ['exception', 'uncaught C++ exception std::runtime_error: no such cart: yours'],
    )
    const pure = (await crashOf(program('throws'), 'pure')).report
    assert.match(pure.crash?.reason ?? '', /^a virtual function was called of an object that was being built/)
    assert.match(ownNames(crash?.frames)[0] ?? '', /^load_cart\(/)
    assert.match(crash?.frames?.find(({ own }) => own)?.file ?? '', /throws\.cpp$/)
  })

  for (const [build, flags] of [
    ['debug', ['-g']],
    ['optimised', ['-O', '-C', 'strip=symbols']],
  ] as const)
    it(`says what a panic of Rust said, and where, of a program that is ${build}`, SKIP_RUST, async () => {
      const args = [
        '--edition',
        '2021',
        '-C',
        'panic=abort',
        '--remap-path-prefix',
        `${CRATES}=src/crates.rs`,
      ]
      await execa(RUSTC, [...flags, ...args, '-o', program(`crates-${build}`), CRATES])
      for (const [word, said] of PANICS) {
        const { crash } = (await crashOf(program(`crates-${build}`), word)).report
        assert.equal(crash?.reasonCode, 'panic')
        assert.equal(crash?.reason, `Rust panic: ${said}`)
        const [, words, place] = /^(.*) \((.*)\)$/.exec(said) ?? []
        assert.equal(crash?.abortMessage, `panicked at ${place}: ${words}`)
      }
    })

  it(
    "says of musl's stack protector that a buffer was overrun, with and without symbols",
    SKIP_MUSL,
    async () => {
      for (const [name, strip] of [
        ['musl', []],
        ['musl-stripped', ['-s']],
      ] as const) {
        await execa('musl-gcc', [...MUSL, ...strip, '-o', program(name), SOURCE])
        const { crash } = (await crashOf(program(name), 'smash')).report
        assert.deepEqual(
          [crash?.reasonCode, crash?.reason],
          ['abort', 'a function wrote past the end of a local buffer'],
        )
      }
    },
  )

  it('says where a stripped program crashed, by addresses, and how often', async () => {
    await execa('strip', ['-o', program('stripped'), await built('plain')])
    const { report: first } = await crashOf(program('stripped'), 'null')
    const { report: again } = await crashOf(program('stripped'), 'null')
    const { crash } = first
    const { stdout } = await execa('addr2line', ['-fe', program('plain'), crash?.frames?.[0]?.address ?? ''])
    assert.match(stdout, /^read_it\n/)
    assert.equal(crash?.frames?.[0]?.buildId, crash?.buildId)
    const { time, seen } = again
    assert.deepEqual([first.seen?.count, first.seen?.first], [1, first.time])
    assert.deepEqual(seen, { first: first.time, last: time, count: 2 })
  })

  it('says the same of a core that lies in a file, and of one that comes byte by byte', async () => {
    await execa('g++', ['-O1', '-g', '-o', program('throws'), THROWS])
    const crashes = [await crashOf(program('throws'), 'yours')]
    for (const word of ['null', 'assert', 'free', 'thread']) crashes.push(await crashed('plain', word))
    for (const [number, crash] of crashes.entries()) {
      const core = path.join(world.dir, `${number}.core`)
      await unpackCore(crash, core)
      const config = `--config=${world.handler.configFile}`
      const slowly = `dd bs=1 status=none if=${core} | ${HANDLER} ${config} replay -`
      for (const command of [`${HANDLER} ${config} replay ${core}`, ...(number < 2 ? [slowly] : [])]) {
        const { stdout } = await execa('sh', ['-c', command])
        assert.deepEqual(saidOf(JSON.parse(stdout)), saidOf(crash.report), command)
      }
    }
  })

  it('keeps one core of a loop of fifty crashes, counts them all, and has ten reports with why', async () => {
    world.configure({ collect: { hostProcesses: 'collect' }, dedupe: { window: '1h' } })
    const program = await built('plain')
    const pids = await crashAgain(program, 'assert', 50)
    const log = world.handler
      .log()
      .filter(({ report }) => pids.has((report as CrashReport)?.process?.pid ?? 0))
    const tally = (message: string) => log.filter(({ msg }) => msg === message).length
    assert.deepEqual([tally('crash stored'), tally('crash suppressed'), log.length], [1, 49, 50])
    const stored = world.store.all().filter(({ report }) => pids.has(report.process?.pid ?? 0))
    assert.deepEqual([stored.length, stored.filter(({ core }) => core !== null).length], [10, 1])
    for (const { report } of stored) {
      assert.equal(report.crash?.frames?.find(({ own }) => own)?.function, 'check_balance')
      assert.match(report.crash?.reason ?? '', /Assertion/)
    }
    for (const field of ['site', 'fingerprint'] as const)
      assert.equal(new Set(stored.map(({ report }) => report.crash?.[field])).size, 1, field)
    assert.equal(new Set(log.map(({ report }) => (report as CrashReport).crash?.site)).size, 1)
  })

  it('takes no two bugs of a program for one, however it was built', async () => {
    world.configure({ collect: { hostProcesses: 'collect' } })
    for (const build of ['plain', 'static', 'unidentified'] as const) {
      const sites = []
      for (const word of ['null', 'constant', 'assert', 'free', 'call', 'zero', 'handler', 'thread'])
        sites.push((await crashed(build, word)).report.crash?.site)
      assert.ok(!sites.includes(undefined), `${build}: ${sites}`)
      assert.equal(new Set(sites).size, sites.length, build)
    }
  })

  /** The ids of the processes. Four at once: all have one core_pattern, and two processors are enough. */
  async function crashAgain(file: string, word: string, count: number): Promise<ReadonlySet<number>> {
    const pids = new Set<number>()
    const some = async () => {
      while (pids.size < count) {
        const child = execa(file, [word], { reject: false })
        pids.add(child.pid ?? 0)
        await child
        await world.handler.end(child.pid ?? 0)
      }
    }
    await Promise.all([some(), some(), some(), some()])
    return pids
  }

  async function crashed(build: keyof typeof BUILDS, word: string) {
    return await crashOf(await built(build), word)
  }

  async function built(build: keyof typeof BUILDS): Promise<string> {
    await execa('gcc', [...BUILDS[build], '-fno-builtin', '-pthread', '-o', program(build), SOURCE])
    return program(build)
  }

  function program(build: string): string {
    return path.join(world.dir, `bugs-${build}`)
  }

  async function crashBelow(
    command: string,
    args: readonly string[],
    isIt = ({ crash }: CrashReport) => crash?.sender !== undefined,
  ) {
    const { report } = await world.store.crashBelow(command, args, isIt)
    assert.equal((await world.handler.end(report.process?.pid ?? 0)).status, 0)
    return report
  }

  async function crashOf(file: string, word: string) {
    const child = execa(file, [word], { reject: false })
    const { pid = 0 } = child
    assert.ok((await child).signal, `${word} ends by a signal`)
    assert.equal((await world.handler.end(pid)).status, 0)
    return await world.store.crash(`the crash of ${word}`, ({ process }) => process?.pid === pid)
  }
})

/** But for what a process alone knows, its owner, with whom fingerprints are made, and what its threads are called. */
function saidOf({ crash, threads }: CrashReport): object {
  const { fingerprint: _, group: _group, ...said } = crash ?? {}
  return { ...said, threads: threads?.map(({ tid, frames }) => ({ tid, frames })) }
}

function ownNames(frames: readonly ReportFrame[] = []): (string | undefined)[] {
  return frames.filter(({ own }) => own === true).map(({ function: name }) => name)
}
