import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, it } from 'node:test'
import { UntrustedDirectory } from '../../durable/untrusted-directory.ts'
import { coreFile } from '../../fallback/core-file.ts'
import { type HandlerCommand, takeByHandler } from '../../fallback/take-core.ts'
import { elfCore } from '../fakes/elf-core.ts'
import { writeNodeProgram } from '../fakes/node-program.ts'

const scratch = mkdtempSync(path.join(tmpdir(), 'coredog-take-core-'))
after(() => rmSync(scratch, { recursive: true }))
const never = new AbortController().signal
let handlers = 0

it('takeByHandler hands over the core and whose it is, each as one argument, and nothing of our environment', async () => {
  const program = handler(`
    const { readFileSync } = require('node:fs')
    const bytes = readFileSync(0).length
    const seen = { arguments: process.argv.slice(2), bytes, environment: process.env }
    console.log(JSON.stringify({ outcome: 'stored', reason: JSON.stringify(seen) }))`)
  const verdict = await take(program, never, '--help')
  assert.equal(verdict.outcome, 'stored')
  assert.deepEqual(JSON.parse(verdict.reason ?? ''), {
    arguments: [
      '--config=/host/etc/coredog/coredog.yaml',
      'collect-file',
      '--root=/host',
      '--namespace=ns',
      '--pod=pod',
      '--container=app',
      '--id=0123456789ab',
      '--path=ns/pod/app/--help',
    ],
    bytes: elfCore().length,
    environment: {},
  })
})

it('takeByHandler believes what the handler says, whatever its exit code is', async () => {
  for (const outcome of ['suppressed', 'skipped', 'refused', 'failed']) {
    const program = handler(`console.log(JSON.stringify({ outcome: '${outcome}' })); process.exitCode = 2`)
    assert.equal((await take(program)).outcome, outcome)
  }
})

it('takeByHandler calls it failed when the handler says nothing, nonsense, or is not there', async () => {
  for (const [program, reason] of [
    [handler('console.error("out of luck"); process.exit(3)'), /exit code 3\): out of luck/],
    [handler('process.kill(process.pid, "SIGSEGV")'), /SIGSEGV/],
    [handler('console.log(`{"outcome":"perhaps"}`)'), /without a word/],
    [path.join(scratch, 'nobody'), /cannot be started.*ENOENT/],
  ] as const) {
    const verdict = await take(program)
    assert.equal(verdict.outcome, 'failed')
    assert.match(verdict.reason ?? '', reason)
  }
})

it('takeByHandler says which process it started, at once', async () => {
  const program = handler(`console.log(JSON.stringify({ outcome: 'stored', reason: String(process.pid) }))`)
  const started: number[] = []
  const onStart = async (pid: number) => void started.push(pid)
  const verdict = await take(program, never, 'core', undefined, { onStart })
  assert.deepEqual(started.map(String), [verdict.reason])
})

it('takeByHandler kills a handler that reads nothing for ten minutes, and its children', async () => {
  const { program, childPid } = hanging()
  const ledger = await take(program, never, 'core', async () => {
    await until(() => childPid() > 0)
  })
  assert.match(ledger.reason ?? '', /no progress for 600 s/)
  await until(() => isGone(childPid()))
})

it('takeByHandler kills and waits for the handler when it is told to stop', async () => {
  const { program, childPid } = hanging()
  const stop = new AbortController()
  const taking = take(program, stop.signal)
  await until(() => childPid() > 0)
  stop.abort()
  assert.equal((await taking).outcome, 'failed')
  await until(() => isGone(childPid()))
})

/** Reads nothing, and starts a program that does not either. */
function hanging(): { readonly program: string; readonly childPid: () => number } {
  const file = path.join(scratch, `child-${handlers}`)
  writeFileSync(file, '')
  const program = handler(`
    const child = require('node:child_process').spawn('/bin/sleep', ['600'], { stdio: 'inherit' })
    require('node:fs').writeFileSync('${file}', String(child.pid))
    setInterval(() => undefined, 1000)`)
  return { program, childPid: () => Number(readFileSync(file, 'utf8')) }
}

function handler(script: string): string {
  handlers += 1
  const file = path.join(scratch, `handler-${handlers}.cjs`)
  writeNodeProgram(file, script)
  return file
}

async function take(
  program: string,
  signal = never,
  name = 'core',
  wait?: () => Promise<void>,
  more: Pick<HandlerCommand, 'onStart'> = {},
) {
  writeFileSync(path.join(scratch, name), elfCore())
  await using directory = await UntrustedDirectory.open(scratch)
  await using opened = await directory.openFile(name)
  const stat = await directory.stat(name)
  const file = stat === null ? null : coreFile(['ns', 'pod', 'app', name], stat)
  assert.ok(file !== null && opened !== null)
  const command = { program, configFile: '/host/etc/coredog/coredog.yaml', root: '/host' }
  const pause = wait === undefined ? {} : { pause: wait }
  return takeByHandler({ ...command, ...pause, ...more })({ id: '0123456789ab', file, opened }, signal)
}

/** A zombie is gone, too: it waits for the process that inherited it. */
function isGone(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return true
  }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 120_000
  while (!condition()) {
    assert.ok(Date.now() < deadline, 'it did not happen')
    await new Promise(setImmediate)
  }
}
