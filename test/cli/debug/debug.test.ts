import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { runProgram } from '../../../cli/program.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { pretendedWorld } from '../pretended-world.ts'
import { binaryFrom, crashOf, type PretendedCrash, PretendedSource } from './pretended-source.ts'

/** A world with a debugger that writes its arguments down, and ends with `exitCode`. */
function worldWith(test: TestContext, pretended: PretendedCrash, exitCode = 0, debuggers = ['gdb']) {
  const folder = temporaryFolder(test)
  const seen = path.join(folder, 'seen')
  for (const name of debuggers) {
    writeFileSync(
      path.join(folder, name),
      `#!/bin/sh\nprintf '%s\\n' "$0" "$@" > ${seen}\nexit ${exitCode}\n`,
    )
    chmodSync(path.join(folder, name), 0o755)
  }
  const source = new PretendedSource(pretended)
  const environment = { PATH: folder, XDG_CACHE_HOME: folder }
  const world = pretendedWorld({ environment, openSource: async () => source })
  const crash = path.join(folder, 'coredog/crashes/20261121t042117z-3f2a9c01d4e5')
  return { world, source, folder: crash, seen: () => readFileSync(seen, 'utf8').trim().split('\n') }
}

const PROGRAM = { path: '/app/web', content: Buffer.from('the program') }
const LIBRARY = { path: '/usr/lib/libx.so.1', content: Buffer.from('a library') }

it('debug opens a crash in gdb, which runs nothing of a stranger, and hands on what is for it', async t => {
  const { world, folder, seen } = worldWith(
    t,
    crashOf(Buffer.from('a core'), { binaries: [PROGRAM, LIBRARY] }),
  )
  const asked = ['debug', '3f2a', '--batch', '-ex', 'bt', '-n', 'shop', '--', '-nh']
  assert.equal(await runProgram(asked, world), 0, world.stderr.text)
  const [, ...args] = seen()
  assert.deepEqual(args, [
    ...['-q', '-nx'],
    ...['-iex', 'set auto-load off', '-iex', 'set pagination off', '-iex', `set sysroot ${folder}/sysroot`],
    ...['-iex', `set solib-search-path ${folder}/libraries`],
    ...['-iex', `set debug-file-directory ${folder}/debug:/usr/lib/debug`],
    ...['-ex', 'set pagination on'],
    ...['--batch', '-ex', 'bt', '-nh', `${folder}/program`, `${folder}/core`],
  ])
  assert.equal(readFileSync(`${folder}/core`, 'utf8'), 'a core')
  assert.equal(readFileSync(`${folder}/sysroot/usr/lib/libx.so.1`, 'utf8'), 'a library')
  assert.match(world.stderr.text, /^gdb -q -nx -iex 'set auto-load off' .*\/program .*\/core$/m)
  assert.equal(world.stdout.text, '')
})

it('debug opens a core of which nobody says how large it is', async t => {
  const pretended = crashOf(Buffer.alloc(1000, 'a core'))
  const { storedBytes } = pretended.crash.status
  const { world, folder } = worldWith(t, {
    ...pretended,
    crash: { ...pretended.crash, status: { storedBytes } },
  })
  assert.equal(await runProgram(['debug', '@latest'], world), 0, world.stderr.text)
  assert.ok(readFileSync(`${folder}/core`).length > 0)
})

it('debug fetches nothing twice', async t => {
  const { world, source } = worldWith(t, crashOf(Buffer.from('a core'), { binaries: [PROGRAM] }))
  assert.equal(await runProgram(['debug', '@latest'], world), 0)
  assert.deepEqual(source.asked.sort(), ['binary', 'core from 0'])
  assert.equal(await runProgram(['debug', '@latest'], world), 0)
  assert.equal(source.asked.length, 2)
})

it('debug opens a core without its program, and says where to take that from', async t => {
  const { world, folder, seen } = worldWith(t, crashOf(Buffer.from('a core')))
  assert.equal(await runProgram(['debug', '@latest'], world), 0)
  assert.equal(seen().at(-1), `--core=${folder}/core`)
  assert.match(world.stderr.text, /program is not in the store[\s\S]*docker cp/)
  const program = path.join(folder, '../../../gdb')
  assert.equal(await runProgram(['debug', '@latest', '--program', program], world), 0)
  assert.deepEqual(seen().slice(-2), [`${folder}/program`, `${folder}/core`])
})

it('debug says what is missing, and goes on', async t => {
  const lost = { ...crashOf(Buffer.from('a core'), { binaries: [PROGRAM] }) }
  const { world, source } = worldWith(t, lost)
  source.binary = () => Promise.reject(new Error('it was deleted'))
  source.report = () => Promise.reject(new Error('you may not'))
  assert.equal(await runProgram(['debug', '@latest'], world), 0)
  assert.match(world.stderr.text, /report: you may not\n[\s\S]*\/app\/web: it was deleted/)
})

it('debug without a debugger says how to get one, and what works in a container', async t => {
  const { world, folder } = worldWith(t, crashOf(Buffer.from('a core'), { binaries: [PROGRAM] }), 0, [])
  assert.equal(await runProgram(['debug', '@latest'], world), 1)
  assert.match(world.stderr.text, /Cannot find gdb[\s\S]*apt install gdb/)
  assert.ok(world.stderr.text.includes(`docker run --rm -it -v ${folder}:/crash:ro debian:12 sh -c '`))
})

it('debug takes lldb where there is no gdb', async t => {
  const { world, folder, seen } = worldWith(t, crashOf(Buffer.from('a core'), { binaries: [PROGRAM] }), 0, [
    'lldb',
  ])
  assert.equal(await runProgram(['debug', '@latest'], world), 0)
  assert.equal(seen()[1], '--no-lldbinit')
  assert.ok(seen().includes(`platform select --sysroot '${folder}/sysroot' remote-linux`))
})

const ends = [
  { name: 'the debugger fails', status: {}, debugger: 3, exitCode: 1, said: /gdb ended with 3/ },
  {
    name: 'the core is not whole',
    status: { phase: 'Incomplete' },
    debugger: 0,
    exitCode: 5,
    said: /not whole/,
  },
  {
    name: 'there is no core',
    status: { phase: 'Lost', storedBytes: 0 },
    debugger: 0,
    exitCode: 3,
    said: /no core/,
  },
] as const
for (const { name, status, debugger: ended, exitCode, said } of ends) {
  it(`debug ends with ${exitCode} where ${name}`, async t => {
    const pretended = crashOf(Buffer.from('a core'))
    const crash = { ...pretended.crash, status: { ...pretended.crash.status, ...status } }
    const { world } = worldWith(t, { ...pretended, crash }, ended)
    assert.equal(await runProgram(['debug', '@latest'], world), exitCode)
    assert.match(world.stderr.text, said)
  })
}

it('debug leaves Ctrl-C to the debugger, and has it again afterwards', async t => {
  const { world, folder } = worldWith(t, crashOf(Buffer.from('a core')))
  writeFileSync(path.join(folder, '../../../gdb'), '#!/bin/sh\nkill -INT $PPID; kill -INT $PPID\n')
  const interrupted = Promise.withResolvers<string>()
  process.once('SIGINT', () => interrupted.resolve('was interrupted'))
  assert.equal(await runProgram(['debug', '@latest'], world), 0)
  assert.equal(await Promise.race([interrupted.promise, 'was not']), 'was not')
  process.kill(process.pid, 'SIGINT')
  assert.equal(await interrupted.promise, 'was interrupted')
})

it('debug leads from a crash that was only counted to the one that was kept', async t => {
  const kept = { key: 'corefiles/shop/web-0/app/20261121T042117Z-web-42-aaaabbbbcccc/core.gz', url: '' }
  const pretended = crashOf(Buffer.alloc(0), { report: { core: { complete: false, kept } } })
  const crash = { ...pretended.crash, status: { phase: 'Suppressed', storedBytes: 0 } } as const
  const { world } = worldWith(t, { ...pretended, crash })
  assert.equal(await runProgram(['debug', '@latest'], world), 3)
  assert.match(world.stderr.text, /kubectl coredog debug aaaabbbbcccc -n shop/)
})

const SOURCE = `#include <vector>
struct Basket { int *items; int total() const { return items[3]; } };
static int pay(const Basket &basket) { return basket.total() + 1; }
int main() { std::vector<Basket> all(2); return pay(all[1]); }
`

it('debug shows where a program crashed that is nowhere but in the store', async t => {
  const folder = temporaryFolder(t)
  const [program, core] = [path.join(folder, 'web'), path.join(folder, 'core')]
  writeFileSync(path.join(folder, 'web.cc'), SOURCE)
  spawnSync('c++', ['-g', '-O0', '-o', program, 'web.cc'], { cwd: folder })
  const crash = ['-nx', '-batch', '-ex', 'run', '-ex', `generate-core-file ${core}`, program]
  if (!/Saved corefile/.test(spawnSync('gdb', crash, { encoding: 'utf8' }).stdout ?? ''))
    return t.skip('there is no gdb, or no compiler, or ptrace is not allowed here')
  const listed = spawnSync('ldd', [program], { encoding: 'utf8' }).stdout
  const libraries = [...listed.matchAll(/(\/\S+) \(/g)].map(([, file = '']) => binaryFrom(file))
  const pretended = crashOf(readFileSync(core), { binaries: [binaryFrom('/app/web', program), ...libraries] })
  rmSync(program)
  const { world } = worldWith(t, pretended, 0, [])
  const environment = { ...world.environment, PATH: process.env.PATH }
  const output = path.join(folder, 'output')
  const command = [
    'debug',
    '@latest',
    '--batch',
    '-ex',
    `set logging file ${output}`,
    '-ex',
    'set logging enabled',
  ]
  assert.equal(
    await runProgram([...command, '-ex', 'bt', '-ex', 'info sharedlibrary'], { ...world, environment }),
    0,
  )
  const shown = readFileSync(output, 'utf8')
  assert.match(shown, /#0 .*Basket::total.*web\.cc:2[\s\S]*#1 .*pay.*\n?.*web\.cc:3[\s\S]*#2 .*main/)
  assert.match(shown, /coredog\/crashes\/.*libstdc\+\+\.so\.6/)
})
