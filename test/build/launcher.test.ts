import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it, type TestContext } from 'node:test'

const ROOT = path.resolve(import.meta.dirname, '../..')
const LAUNCHER = path.join(ROOT, 'build/launcher.js')
const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>
}

for (const [name, script] of Object.entries(scripts)) {
  it(`npm run ${name} needs no program but the user's node`, () => {
    for (const command of script.split(' && ')) assert.match(command, /^node build\/launcher\.js /)
  })
}

it('runs with the Node that npm brought, from any folder and with what it was given', () => {
  const program = 'JSON.stringify([process.execPath, ...process.argv.slice(1)])'
  const said = execFileSync(process.execPath, [LAUNCHER, '--print', program, 'a b', '*'], {
    cwd: '/',
    encoding: 'utf8',
  })
  const node = path.join(ROOT, `node_modules/node-linux-${process.arch}/bin/node`)
  assert.deepEqual(JSON.parse(said), [node, 'a b', '*'])
})

it('is also what the program starts by the name of node', () => {
  const program =
    'require("node:child_process").execFileSync("node", ["--print", "process.execPath"]).toString()'
  const said = execFileSync(process.execPath, [LAUNCHER, '--print', program], { encoding: 'utf8' })
  assert.equal(said.trim(), path.join(ROOT, `node_modules/node-linux-${process.arch}/bin/node`))
})

it('ends with the code of the program', () => {
  assert.equal(spawnSync(process.execPath, [LAUNCHER, '--eval', 'process.exit(7)']).status, 7)
})

it('ends by the signal that ended the program', () => {
  const { signal } = spawnSync(process.execPath, [LAUNCHER, '--eval', 'process.kill(process.pid, "SIGTERM")'])
  assert.equal(signal, 'SIGTERM')
})

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  it(`gives ${signal} to the program and waits for its end`, { timeout: 120_000 }, async t => {
    const program = `process.on('${signal}', () => process.exit(5)); setInterval(() => {}, 1e6); console.log('up')`
    const launcher = spawn(process.execPath, [LAUNCHER, '--eval', program], { detached: true })
    t.after(() => endGroup(launcher))
    await up(launcher)
    launcher.kill(signal)
    assert.deepEqual(await once(launcher, 'exit'), [5, null])
  })
}

it('says what to do where npm has not brought a Node', t => {
  const root = folderWithLauncher(t)
  const { status, stderr } = launch(root)
  assert.equal(status, 1)
  assert.match(
    stderr,
    /^Cannot find Node in node_modules\/node-linux-\w+: run "npm ci", with optional packages\n$/,
  )
})

it('says what it needs where the Node that npm brought cannot be run', t => {
  const root = folderWithLauncher(t)
  const bin = path.join(root, `node_modules/node-linux-${process.arch}/bin`)
  mkdirSync(bin, { recursive: true })
  // As on a system without glibc: the kernel does not find the program's interpreter.
  writeFileSync(path.join(bin, 'node'), '#!/nowhere/ld-linux.so\n', { mode: 0o755 })
  const { status, stderr } = launch(root)
  assert.equal(status, 1)
  assert.match(stderr, /^Cannot run ".*": .*ENOENT; it needs glibc 2\.28 or newer\n$/)
})

it('finds the Node below a path with a space', t => {
  const root = folderWithLauncher(t)
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(root, 'node_modules'))
  assert.deepEqual(launch(root), { status: 0, stderr: '' })
})

async function up({ stdout }: ChildProcess): Promise<void> {
  for await (const _ of stdout ?? []) return
}

/** Of a launcher that has not passed the signal on, the program would go on, and hold our output for ever. */
function endGroup({ pid }: ChildProcess): void {
  try {
    process.kill(-(pid ?? assert.fail('not started')), 'SIGKILL')
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ESRCH')
  }
}

function folderWithLauncher(t: TestContext): string {
  const root = mkdtempSync(path.join(tmpdir(), 'coredog launcher-'))
  t.after(() => rmSync(root, { recursive: true }))
  mkdirSync(path.join(root, 'build'))
  for (const file of ['launcher.js', 'child.js'])
    copyFileSync(path.join(ROOT, 'build', file), path.join(root, 'build', file))
  writeFileSync(path.join(root, 'package.json'), '{"type":"module"}')
  return root
}

function launch(root: string): { status: number | null; stderr: string } {
  const options = { encoding: 'utf8' } as const
  const { status, stderr } = spawnSync(
    process.execPath,
    [path.join(root, 'build/launcher.js'), '--eval', ''],
    options,
  )
  return { status, stderr }
}
