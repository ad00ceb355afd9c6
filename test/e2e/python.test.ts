/** What Python was running when a process crashed, of each release that this machine has. */
import assert from 'node:assert/strict'
import { existsSync, globSync, mkdtempSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { execa } from 'execa'
import type { CrashReport, ReportInterpreterFrame } from '../../crash/report.ts'
import { backtraceOf } from '../../notify/backtrace.ts'
import { LANGUAGES } from '../../notify/language/all.ts'
import { unpackCore } from './unpacked-core.ts'
import { openWorld, type World } from './world.ts'

const HANDLER = path.resolve(import.meta.dirname, '../../dist/coredog-handler')
const EXTENSION = path.resolve(import.meta.dirname, '../crashers/python/fast.c')
const SOURCE = path.resolve(import.meta.dirname, '../crashers/python/ways.py')
const INTERPRETERS = [
  '/usr/bin/python3.11',
  ...globSync(path.join(process.env.HOME ?? '/root', '.pyenv/versions/3.1[1-9].*/bin/python3')),
].filter(file => existsSync(file))

const WAYS = [
  'in_call',
  'by_signal',
  'in_thread',
  'in_generator',
  'in_recursion',
  'in_callback',
  'in_coroutine',
  'in_library',
  'in_decorated',
  'in_unusual_names',
  'in_long_module',
  'many_threads',
] as const

const PARSED = ['in_extension.<locals>.<lambda>  ways.py', 'in_extension  ways.py', '<module>  ways.py']
const IN_CALL = ['string_at', 'Basket.price', 'Basket.total.<locals>.<genexpr>', 'Basket.total', 'in_call']

describe('what Python was running', { timeout: 600_000 }, () => {
  let world: World

  before(async () => {
    world = await openWorld(HANDLER)
    world.configure({ collect: { hostProcesses: 'collect' } })
    await world.setCorePattern(world.handler.witnessed())
  })
  after(() => world?.[Symbol.asyncDispose]())

  for (const python of INTERPRETERS)
    for (const way of WAYS)
      it(`is what ${python} says itself: ${way}`, async () => {
        const { report, stderr } = await crashed(python, ['-X', 'faulthandler', SOURCE, way])
        const frames = report.crash?.interpreterFrames ?? []
        const said = framesSaid(stderr)
        assert.ok(said.length > 0, stderr)
        assert.deepEqual(frames.map(asSaid), said.slice(0, 64))
      })

  for (const python of INTERPRETERS) {
    it(`is known beside the code of an extension: ${python}`, async () => {
      const folder = mkdtempSync(path.join(world.dir, 'fast-'))
      const includes = await execa(python, ['-c', 'import sysconfig; print(sysconfig.get_path("include"))'])
      const options = ['-O1', '-g', '-shared', '-fPIC', `-I${includes.stdout}`]
      await execa('gcc', [...options, '-o', path.join(folder, 'fast.so'), EXTENSION])
      const { report, stderr } = await crashed(python, ['-X', 'faulthandler', SOURCE, 'in_extension', folder])
      assert.deepEqual(report.crash?.interpreterFrames?.map(asSaid), framesSaid(stderr))
      const shown = backtraceOf(report, LANGUAGES.en).frames.map(({ text }) => text.replace(/:\d+$/, ''))
      assert.deepEqual(shown, ['read_it  fast.c', 'parse  fast.c', ...PARSED])
      assert.match(report.crash?.fingerprint ?? '', /^v2:/)
    })

    it(`is not told where one interpreter called another: ${python}`, async () => {
      const { report } = await crashed(python, [SOURCE, 'in_other_interpreter'])
      assert.deepEqual(report.crash?.interpreterFrames, undefined)
    })

    it(`is known of the first process of a pid namespace, and of one that was forked: ${python}`, async () => {
      for (const way of ['in_call', 'in_child']) {
        const report = await crashedBelow('unshare', ['--pid', '--fork', python, SOURCE, way])
        const names = report.crash?.interpreterFrames?.map(({ function: name }) => name) ?? []
        assert.deepEqual(names.slice(0, 5), IN_CALL)
        assert.equal(names.at(-1), '<module>')
        assert.equal(report.process?.namespacedPid, way === 'in_call' ? 1 : 2)
      }
    })

    it(`is the same of a core that lies in a file: ${python}`, async () => {
      const crash = await crashed(python, [SOURCE, 'in_library'])
      const core = path.join(world.dir, 'python.core')
      await unpackCore(crash, core)
      const { stdout } = await execa(HANDLER, [`--config=${world.handler.configFile}`, 'replay', core])
      const { interpreterFrames } = (JSON.parse(stdout) as CrashReport).crash ?? {}
      assert.ok((interpreterFrames?.length ?? 0) > IN_CALL.length)
      assert.deepEqual(interpreterFrames, crash.report.crash?.interpreterFrames)
    })
  }

  async function crashedBelow(command: string, args: readonly string[]): Promise<CrashReport> {
    // That of the call before may be told only now.
    const isOther = ({ process }: CrashReport) => process?.comm !== command
    const { report } = await world.store.crashBelow(command, args, isOther)
    assert.equal((await world.handler.end(report.process?.pid ?? 0)).status, 0)
    return report
  }

  async function crashed(python: string, args: readonly string[]) {
    const child = execa(python, args, { reject: false })
    const { pid = 0 } = child
    const { signal, stderr } = await child
    assert.ok(signal, `it ends by a signal: ${stderr}`)
    assert.equal((await world.handler.end(pid)).status, 0)
    const crash = await world.store.crash(`a crash of ${python}`, ({ process }) => process?.pid === pid)
    return { ...crash, stderr }
  }
})

interface Said {
  readonly file: string | undefined
  readonly line: number | undefined
  /** The function's own name, which is all that faulthandler says. */
  readonly name: string | undefined
}

function asSaid({ function: name, file, line }: ReportInterpreterFrame): Said {
  return { file, line, name: name?.split('.').at(-1) }
}

/** Of the thread that crashed, as faulthandler has written it. */
function framesSaid(stderr: string): readonly Said[] {
  const [, crashed = ''] = /^Current thread 0x.*:\n((?: .*\n?)*)/m.exec(stderr) ?? []
  return [...crashed.matchAll(/^ {2}File "(.*)", line (\d+) in (.*)$/gm)].map(([, file, line, name]) => ({
    file: unescaped(file),
    line: Number(line),
    name: unescaped(name),
  }))
}

/** It writes ASCII alone. */
function unescaped(text = ''): string {
  return text.replace(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8}))/g, (_, ...codes: string[]) =>
    String.fromCodePoint(Number.parseInt(codes.slice(0, 3).join(''), 16)),
  )
}
