/** What is said of real crashes of programs by what their language runs by: the table of docs/why.md. */
import assert from 'node:assert/strict'
import { existsSync, globSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { execa } from 'execa'
import type { CrashReport, ReportFrame } from '../../crash/report.ts'
import { openWorld, type World } from './world.ts'

const HOME = process.env.HOME ?? '/root'
const HANDLER = path.resolve(import.meta.dirname, '../../dist/coredog-handler')
const GO = '/usr/local/go/bin/go'
const RUSTC = path.join(HOME, '.cargo/bin/rustc')
const SOURCES = path.resolve(import.meta.dirname, '../crashers/truth')

/** A runtime as it is installed here, and how it is made to crash and to say its version. */
interface Installed {
  readonly file: string
  readonly crash: readonly string[]
  readonly version: readonly string[]
  readonly reason: RegExp
  /** How much of it is known, where that is not all: `major.minor`. */
  readonly parts?: number
}

const ABORTED = /^aborted by the program itself$/
const RAISED = /^SIGSEGV raised by the program itself/
const NODE = {
  crash: ['-e', 'process.abort()'],
  version: ['-p', 'process.versions.node'],
  reason: /^process\.abort\(\) was called$/,
}
const PYTHON = {
  crash: ['-c', 'import os; os.abort()'],
  version: ['-c', 'import platform; print(platform.python_version())'],
  reason: ABORTED,
}

const PYTHONS = ['/usr/bin/python3', ...globSync(`${HOME}/.pyenv/versions/3.1[1-9].*/bin/python3`)]
/** They have no constant that says it. */
const OLD_PYTHONS = globSync(`${HOME}/.pyenv/versions/3.{[6-9],10}.*/bin/python3`)

const NODES = [process.execPath, '/usr/bin/node'] as const
const NATIVE_FRAMES = ['--perf-basic-prof', '--interpreted-frames-native-stack']
const ROOT = path.resolve(import.meta.dirname, '../..')
const CRASHERS = path.join(ROOT, 'test/crashers/runtimes')
const CART = path.join(CRASHERS, 'cart.mjs')
const [JAVA, JAVAC, JCMD] = ['/usr/bin/java', '/usr/bin/javac', '/usr/bin/jcmd'] as const
/** With the line that each function begins at. */
const CART_FRAMES = [
  'each work.cjs:13',
  'work work.cjs:12',
  'inner cart.mjs:9',
  'total cart.mjs:4',
  '(top level) cart.mjs:1',
]

const UNCAUGHT = 'uncaught exception of JavaScript'
const ABORTS = '--abort-on-uncaught-exception'
const GIVEN_UP = [
  [
    'the heap of JavaScript is full (--max-old-space-size is its limit)',
    '--max-old-space-size=24',
    '-e',
    'const all = []; for (;;) all.push(new Array(1000).fill(1.5))',
  ],
  [UNCAUGHT, ABORTS, '-e', 'throw new Error("no such cart")'],
  [UNCAUGHT, ABORTS, '-e', 'setTimeout(() => null.total, 1)'],
  [UNCAUGHT, ABORTS, '-e', 'Promise.reject(new Error("no such cart"))'],
] as const

const DOTNET = path.join(HOME, '.dotnet')
const [CORECLR] = globSync(`${DOTNET}/shared/Microsoft.NETCore.App/*/libcoreclr.so`)
/** Until .NET 5 they began with COMPlus. Without the second one, the library was compiled before. */
const PERF_MAP_OF_DOTNET = Object.fromEntries(
  ['COMPlus', 'DOTNET'].flatMap(prefix => [
    [`${prefix}_PerfMapEnabled`, '1'],
    [`${prefix}_ReadyToRun`, '0'],
  ]),
)

const INSTALLED: readonly (readonly [string, Installed])[] = [
  ['Node.js', { file: process.execPath, ...NODE }],
  ['Node.js', { file: '/usr/bin/node', ...NODE }],
  ...PYTHONS.map(file => ['Python', { file, ...PYTHON }] as const),
  ...OLD_PYTHONS.map(file => ['Python', { file, ...PYTHON, parts: 2 }] as const),
  [
    'Ruby',
    {
      file: '/usr/bin/ruby',
      crash: ['-e', 'Process.kill(:SEGV, $$)'],
      version: ['-e', 'puts RUBY_VERSION'],
      reason: /^SIGSEGV: .*caught by the program's handler, which called abort\(\)$/,
    },
  ],
  [
    'Perl',
    {
      file: '/usr/bin/perl',
      crash: ['-e', 'kill SEGV => $$'],
      version: ['-e', 'printf "%vd\\n", $^V'],
      reason: RAISED,
    },
  ],
  [
    'PHP',
    {
      file: '/usr/bin/php',
      crash: ['-r', 'posix_kill(getmypid(), 11);'],
      version: ['-r', 'echo PHP_VERSION;'],
      reason: RAISED,
      parts: 2,
    },
  ],
  [
    'Erlang',
    {
      file: '/usr/bin/erl',
      crash: ['-noshell', '-eval', 'os:cmd("kill -SEGV " ++ os:getpid()).'],
      version: ['-noshell', '-s', 'init', 'stop'],
      reason: /^SIGSEGV sent by /,
      parts: 0,
    },
  ],
]

describe('the runtime of a program that crashed', { timeout: 600_000 }, () => {
  let world: World

  before(async () => {
    world = await openWorld(HANDLER)
    world.configure({ collect: { hostProcesses: 'collect' } })
    await world.setCorePattern(world.handler.witnessed())
  })
  after(() => world?.[Symbol.asyncDispose]())

  for (const [name, { file, crash, version, parts, reason: expected }] of INSTALLED)
    it(
      `is ${name}, of the version that ${file} says itself, and there is a reason`,
      skipWithout(file),
      async () => {
        const { runtime, reason = '' } = await crashOf(file, crash)
        const { stdout } = await execa(file, version)
        const said = stdout.trim().split('.').slice(0, parts).join('.')
        assert.deepEqual(runtime, { name, ...(said !== '' && { version: said }) })
        assert.match(reason, expected)
      },
    )

  for (const file of NODES)
    it(`says why ${file} gave up itself`, skipWithout(file), async () => {
      for (const [reason, ...args] of GIVEN_UP) {
        const crash = await crashOf(file, args)
        assert.equal(crash.reason, reason, args.join(' '))
      }
    })

  for (const file of NODES)
    it(
      `has the functions of JavaScript where ${file} writes them down for perf`,
      skipWithout(file),
      async () => {
        const { runtime, frames, fingerprint, site } = await crashOf(file, [...NATIVE_FRAMES, CART])
        assert.equal(runtime?.name, 'Node.js')
        const own = frames?.filter(frame => frame.own === true) ?? []
        assert.deepEqual(
          own.map(
            ({ function: name, file: source = '', line }) => `${name} ${path.basename(source)}:${line}`,
          ),
          CART_FRAMES,
        )
        assert.ok(own.every(({ trust }) => trust === 'fp'))
        assert.deepEqual([fingerprint, site], [undefined, undefined])
      },
    )

  it(
    'has them from the /tmp that the process had, by the number that it had there',
    skipWithout(NODES[0]),
    async () => {
      // This repository may lie in /tmp itself.
      const script = 'mount --bind "$0" /mnt && mount -t tmpfs none /tmp && exec "$@"'
      const node = [NODES[0], ...NATIVE_FRAMES, CART].map(word => word.replace(ROOT, '/mnt'))
      const args = ['--mount', '--pid', '--fork', 'sh', '-c', script, ROOT, ...node]
      const isFirst = ({ process: crashed }: CrashReport) => crashed?.namespacedPid === 1
      const { report } = await world.store.crashBelow('unshare', args, isFirst)
      assert.deepEqual(ownNames(report.crash?.frames).slice(0, 2), ['each', 'work'])
    },
  )

  it(
    'is Java, of the version that it says itself; its methods are named, and the file of the JVM',
    skipWithout(JAVAC),
    async () => {
      const folder = path.join(world.dir, 'java')
      await execa(JAVAC, ['-d', folder, path.join(CRASHERS, 'Cart.java')])
      const { pid, crash } = await crashIn(folder, JAVA, ['-Xmx32m', '-cp', folder, 'Cart'])
      const { stderr } = await execa(JAVA, ['-XshowSettings:properties', '-version'])
      assert.deepEqual(crash.runtime, { name: 'Java', version: /java\.version = (.*)/.exec(stderr)?.[1] })
      assert.match(
        crash.reason ?? '',
        /^SIGSEGV: write to a null pointer \(address 0x18\), caught by the program/,
      )
      assert.equal(crash.runtimeReport, `${folder}/hs_err_pid${pid}.log`)
      const methods = crash.interpreterFrames?.map(frame => frame.function) ?? []
      assert.deepEqual(methods.slice(-2), ['Cart.total', 'Cart.main'])
    },
  )

  it(
    'has the methods of Java that were compiled where they were written down for perf',
    skipWithout(JCMD),
    async () => {
      const folder = path.join(world.dir, 'java')
      await execa(JAVAC, ['-d', folder, path.join(CRASHERS, 'Hot.java')])
      const options = ['-Xmx64m', '-XX:+UseSerialGC', '-Xbatch', '-XX:+PreserveFramePointer']
      const { crash } = await crashIn(folder, JAVA, [...options, '-cp', folder, 'Hot', JCMD])
      const own = ownNames(crash.frames)
      // What it called was put into it.
      assert.deepEqual(own, ['Hot.total(int, long)', 'Hot.main(java.lang.String[])'])
      const methods = crash.interpreterFrames?.map(frame => frame.function)
      assert.deepEqual([methods?.at(0), methods?.at(-1)], ['Hot.total', 'Hot.main'])
    },
  )

  it(
    'has what the JVM said when it gave up, where it was told to write that',
    skipWithout(JAVAC),
    async () => {
      const folder = path.join(world.dir, 'java')
      await execa(JAVAC, ['-d', folder, path.join(CRASHERS, 'Fill.java')])
      const options = ['-Xmx32m', '-XX:+CrashOnOutOfMemoryError', '-XX:ErrorFile=said/of-%p']
      await mkdir(path.join(folder, 'said'))
      const { pid, crash } = await crashIn(folder, JAVA, [...options, '-cp', folder, 'Fill'])
      assert.equal(crash.runtimeReport, `${folder}/said/of-${pid}`)
      const words = 'fatal error: OutOfMemory encountered: Java heap space'
      assert.deepEqual([crash.abortMessage, crash.reason], [words, `aborted: ${words}`])
      assert.deepEqual(crash.interpreterFrames, [{ function: 'Fill.main', own: true }])
    },
  )

  it('is .NET, of the version that it says itself; what it compiled is named where it writes that down', {
    skip: CORECLR === undefined && `there is no .NET in ${DOTNET}`,
  }, async () => {
    const [program, folder] = [path.join(world.dir, 'coreclr'), path.dirname(CORECLR ?? '')]
    await execa('gcc', ['-O1', '-g', '-o', program, path.join(CRASHERS, 'coreclr.c'), '-ldl'])
    const { stdout } = await execa(path.join(DOTNET, 'dotnet'), ['--list-runtimes'])
    const version = /^Microsoft\.NETCore\.App (\S+) /m.exec(stdout)?.[1]
    const pointer = await crashOf(program, [folder, 'pointer'])
    assert.deepEqual(pointer.runtime, { name: '.NET', version })
    assert.equal(pointer.reason, 'write to a null pointer (address 0x18)')
    const exception = await crashOf(program, [folder, 'exception'], PERF_MAP_OF_DOTNET)
    assert.deepEqual(
      [exception.runtime?.version, exception.reason],
      [version, 'aborted by the program itself'],
    )
    const names = exception.frames?.map(frame => frame.function)
    assert.ok(names?.includes('System.ThrowHelper::ThrowArrayTypeMismatchException()'), names?.join())
    assert.deepEqual(ownNames(exception.frames), ['main'])
  })

  it(
    'is Go, of the version that built it; the words of a panic are said, and who gave them',
    skipWithout(GO),
    async () => {
      const program = path.join(world.dir, 'goroutines')
      await execa(GO, ['build', '-ldflags=-s -w', '-o', program, path.join(SOURCES, 'goroutines.go')], {
        env: { CGO_ENABLED: '0' },
      })
      const { runtime, reason, frames } = await crashOf(program, ['panic'], { GOTRACEBACK: 'crash' })
      const { stdout } = await execa(GO, ['env', 'GOVERSION'])
      assert.deepEqual(runtime, { name: 'Go', version: stdout.trim().replace(/^go/, '') })
      assert.equal(reason, 'Go panic: no such cart: panic')
      assert.deepEqual(ownNames(frames), ['main.give', 'main.main'])
    },
  )

  it('is Rust, of the version that built it', skipWithout(RUSTC), async () => {
    const program = path.join(world.dir, 'crates')
    await execa(RUSTC, ['-O', '-C', 'panic=abort', '-o', program, path.join(SOURCES, 'crates.rs')])
    const { runtime } = await crashOf(program, ['index'])
    const { stdout } = await execa(RUSTC, ['--version'])
    assert.deepEqual(runtime, { name: 'Rust', version: stdout.split(' ')[1] })
  })

  async function crashOf(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    return (await crashIn(world.dir, file, args, env)).crash
  }

  async function crashIn(cwd: string, file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const child = execa(file, args, { reject: false, stdin: 'ignore', env, cwd })
    const { pid = 0 } = child
    const { signal, stderr } = await child
    assert.ok(signal, `it ends by a signal: ${stderr}`)
    assert.equal((await world.handler.end(pid)).status, 0)
    const { report } = await world.store.crash(`the crash of ${file}`, ({ process }) => process?.pid === pid)
    assert.ok(report.crash?.reason, report.crash?.unexplained)
    return { pid, crash: report.crash }
  }
})

function ownNames(frames: readonly ReportFrame[] = []): readonly string[] {
  return frames.flatMap(({ own, function: name }) => (own === true && name !== undefined ? [name] : []))
}

function skipWithout(file: string) {
  return { skip: !existsSync(file) && `there is no ${file}` }
}
