import assert from 'node:assert/strict'
import { execFile, execFileSync, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { promisify } from 'node:util'

const MAIN = path.join(import.meta.dirname, '../../demo/main.ts')
const ON_A_NODE = ['/var/lib/coredog', '/run/coredog', '/var/log/coredog']
const CRASHING_LINE = /^#0 .* total \(basket=0x0\) at .*demo\/victim\.c:7$/m
// An ordinary user. No account has this number.
const USER = 63217

const withoutGdb = { skip: existsOnPath('gdb') ? false : 'gdb is not installed' }
const withoutRoot = { skip: whyNotAs(USER) }
const withoutCompiler = { skip: existsOnPath('cc') ? false : 'no C compiler is installed' }

describe('the demo', { timeout: 120_000 }, () => {
  it('shows a crash from the message to the gdb line, and touches only its own folder', async t => {
    const before = ON_A_NODE.map(existsSync)
    const folder = folderFor(t)
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN], { env: envOf(folder) })
    assert.match(stdout, /SIGSEGV in shop\/checkout-7c9f5d8b6-x2x9k \(app\)/)
    assert.match(stdout, /^ {2}gdb '?\/.*\/checkout'? '?\/.*\/core'?$/m)
    assert.deepEqual(ON_A_NODE.map(existsSync), before)
  })

  it(
    'has a core that gdb shows the crashing line of, with a hard limit of no cores',
    withCompilerAndGdb(),
    t => {
      const folder = folderFor(t)
      const stdout = execFileSync('/bin/sh', ['-c', 'ulimit -c 0; exec "$0" "$1"', process.execPath, MAIN], {
        env: envOf(folder),
        encoding: 'utf8',
      })
      assert.match(openedAsSaid(stdout), CRASHING_LINE)
      assert.match(stdout, /^The crash is real; the demo, not the kernel, read the core/m)
    },
  )

  it('ends with the backtrace, and with what to do next', withoutCompiler, t => {
    const { stdout } = demo([], folderFor(t))
    const names = ['total +victim.c:7', 'pay +victim.c:8', 'serve +victim.c:12', 'main +victim.c:17']
    const frames = names.map((name, at) => `  #${at}  ${name}\\n`).join('')
    assert.match(stdout, new RegExp(`\\n\\n${frames}(?:  #\\d.*\\n)+\\nNext: .*\\n$`))
  })

  it('does so for an ordinary user, in a folder with a space', withCompilerAndGdb(withoutRoot), t => {
    const folder = folderFor(t, 'coredog demo test-')
    execFileSync('chown', [String(USER), folder])
    const { stdout, stderr } = demo([], folder, { uid: USER, gid: USER })
    assert.equal(stderr, '')
    assert.match(openedAsSaid(stdout), CRASHING_LINE)
  })

  it('has a core of a process that was killed where there is no C compiler, and says so', withoutGdb, t => {
    const folder = folderFor(t)
    const { stdout } = demo([], folder, { env: { ...envOf(folder), PATH: '/nowhere' } })
    assert.match(stdout, /^Without a C compiler the program is a copy of "sleep", killed by a real SIGSEGV/m)
    assert.match(stdout, /┃ SIGSEGV sent by process \d+/)
    const said = openedAsSaid(stdout)
    assert.match(said, /Program terminated with signal SIGSEGV/)
    assert.match(said, /^#0 .*nanosleep/m)
  })

  it('ends with the backtrace where there are neither C compiler nor debugger', t => {
    const folder = folderFor(t)
    const { stdout } = demo([], folder, { env: { ...envOf(folder), PATH: '/nowhere' } })
    assert.match(stdout, /\n\n {2}#0 .*nanosleep .*\n(?: {2}#\d.*\n)+\nNext: .*\n$/)
  })

  it('tells no times in its report: its own start is no crash', t => {
    const { stdout } = demo([], folderFor(t))
    const report = /^ {2}(\/.*\/report\.json)$/m.exec(stdout)?.[1] ?? ''
    assert.match(readFileSync(report, 'utf8'), /"signal"/)
    assert.doesNotMatch(readFileSync(report, 'utf8'), /(?:start|held|upload)Seconds"/)
  })

  it('ends quietly when its reader has seen enough', async t => {
    const child = spawn(process.execPath, [MAIN], { env: envOf(folderFor(t)) })
    child.stdout.destroy()
    const said = child.stderr.toArray()
    assert.deepEqual(await once(child, 'exit'), [0, null])
    assert.equal(Buffer.concat(await said).toString(), '')
  })

  for (const given of ['--nothing', 'nothing', '--kernel=yes']) {
    it(`refuses ${given} in one line`, t => {
      const { status, stderr } = demo([given], folderFor(t))
      assert.equal(status, 1)
      assert.match(stderr, /^.*"npm run demo -- --help" says what there is\.\n$/)
    })
  }

  it('refuses --kernel without root in one line, and leaves nothing', withoutRoot, t => {
    const folder = folderFor(t)
    execFileSync('chown', [String(USER), folder])
    const { status, stderr } = demo(['--kernel'], folder, { uid: USER, gid: USER })
    assert.equal(status, 1)
    assert.equal(
      stderr,
      'Cannot change core_pattern: only root can. Run "npm run demo -- --kernel" as root.\n',
    )
    assert.deepEqual(readdirSync(folder), [])
  })
})

function withCompilerAndGdb(...more: { skip: boolean | string }[]): { skip: boolean | string } {
  return { skip: [withoutGdb, withoutCompiler, ...more].find(({ skip }) => skip)?.skip ?? false }
}

/** A clone below root's home is for root alone. */
function whyNotAs(user: number): false | string {
  const { error } = spawnSync(process.execPath, ['--version'], { uid: user, gid: user })
  return error === undefined ? false : `this clone cannot be run as another user: ${error.message}`
}

function demo(args: string[], folder: string, options: object = {}): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [MAIN, ...args], { env: envOf(folder), ...options, encoding: 'utf8' })
}

function envOf(folder: string): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, TMPDIR: folder }
}

function folderFor(t: TestContext, prefix = 'coredog-demo-test-'): string {
  const folder = mkdtempSync(path.join(tmpdir(), prefix))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

/** What gdb says when it is started with the very lines that the demo shows. */
function openedAsSaid(stdout: string): string {
  const [unpack, gdb] = [/^ {2}(gunzip .*)$/m, /^ {2}(gdb .*)$/m].map(line => line.exec(stdout)?.[1])
  return execFileSync('/bin/sh', ['-euc', `${unpack}\n${gdb} -nx -batch -ex backtrace 2>&1`], {
    encoding: 'utf8',
  })
}

function existsOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(':').some(folder => existsSync(path.join(folder, program)))
}
