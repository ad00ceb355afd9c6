import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, it } from 'node:test'
import { Host } from '../../../handoff/host.ts'
import {
  removeLeftScripts,
  runCustomHandler,
  scriptVariables,
} from '../../../installer/outbox/custom-handler.ts'
import type { Verdict } from '../../../notify/verdict.ts'
import { eventually } from '../../e2e/eventually.ts'
import { LINK, lostNotification, REPORT, sampleNotification } from '../../notify/sample-notification.ts'
import { type LogLine, openLogLines } from '../log-lines.ts'

const EMPTY = {
  COREDUMP_FILE: '/corefile/prod/web-0/app/core.server.7.web-0.1700000000',
  COREDUMP_URL: '',
  COREDUMP_FILENAME: 'core.server.7.web-0.1700000000',
  COREDUMP_MD5: '',
  COREDUMP_SIZE: '',
  COREDUMP_EXECUTABLE: '',
  POD_NAME: '',
  POD_NAMESPACE: '',
  POD_UID: '',
  POD_NODE_IP: '',
  POD_IMAGE: '',
  POD_CONTAINER: '',
  HOST_IP: '',
}

let root = ''
let host: Host
let lines: LogLine[]
let stop: AbortController

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coredog-script-'))
  host = new Host(path.join(root, 'host'))
  stop = new AbortController()
})
afterEach(() => rm(root, { recursive: true, force: true }))

function options(script: string, timeoutSeconds = 60) {
  const opened = openLogLines()
  lines = opened.lines
  const customHandler = {
    enabled: true,
    script,
    timeoutSeconds,
    skipDefaultNotify: false,
    skipCoreSight: false,
  }
  const paths = { log: '/l', state: '/s', run: '/run/coredog' }
  const env = { PATH: process.env.PATH, ROOT: root, OURS: 'yes' }
  return { config: { customHandler, paths }, host, env, log: opened.log }
}

function run(script: string, notification = sampleNotification(), timeoutSeconds = 60): Promise<Verdict> {
  return runCustomHandler(notification, options(script, timeoutSeconds), stop.signal)
}

function left(): Promise<string[]> {
  return readdir(host.path('/run/coredog/custom-handler'))
}

it('scriptVariables() gives all thirteen variables of the original (A4, row 51)', () => {
  const core = { ...REPORT.core, md5: '0f343b0931126a20f133d67c2b018a3b' }
  assert.deepEqual(scriptVariables(sampleNotification({ report: { ...REPORT, core } })), {
    COREDUMP_FILE: '/corefile/prod/web-0/app/core.server.7.web-0.1700000000',
    COREDUMP_URL: LINK,
    COREDUMP_FILENAME: 'core.server.7.web-0.1700000000',
    COREDUMP_MD5: '0f343b0931126a20f133d67c2b018a3b',
    COREDUMP_SIZE: '88080384',
    COREDUMP_EXECUTABLE: '/app/server',
    POD_NAME: 'web-0',
    POD_NAMESPACE: 'prod',
    POD_UID: '0f8fad5b-d9cb-469f-a165-70867728950e',
    POD_NODE_IP: '10.0.1.7',
    POD_IMAGE: 'registry.example/app:1.4.2',
    POD_CONTAINER: 'app',
    HOST_IP: '10.0.1.7',
  })
})

it('scriptVariables() gives all of them when nothing is known', () => {
  assert.deepEqual(scriptVariables(lostNotification()), EMPTY)
})

it('runCustomHandler() runs the script by bash, with the variables beside our own, and logs its output', async () => {
  const verdict = await run('[[ $OURS == yes ]] && echo "$POD_NAMESPACE/$POD_NAME $PWD"')
  assert.deepEqual(verdict, { kind: 'ok' })
  assert.deepEqual(
    lines.map(({ msg, crash }) => [msg, crash]),
    [['custom handler script executed successfully, output: prod/web-0 /\n', '3f2a9c01d4e5']],
  )
})

it('runCustomHandler() hands over what the crashed process chose as data', async () => {
  const executable = '$(touch $ROOT/pwned) `touch $ROOT/pwned`;\n"\'\u0000 --help 崩溃'
  const report = { ...REPORT, process: { executable } }
  await run('printf %s "$COREDUMP_EXECUTABLE" > "$ROOT/seen"', sampleNotification({ report }))
  assert.equal(await readFile(path.join(root, 'seen'), 'utf8'), executable.replace('\0', ''))
  await assert.rejects(stat(path.join(root, 'pwned')), { code: 'ENOENT' })
})

it('runCustomHandler() keeps the script to root while it runs, and removes it whatever comes', async () => {
  await run('stat -c "%a" "$0" "$(dirname "$0")" > "$ROOT/modes"; exit 3')
  assert.equal(await readFile(path.join(root, 'modes'), 'utf8'), '700\n700\n')
  assert.deepEqual(await left(), [])
})

it('runCustomHandler() logs what a script wrote that failed', async () => {
  const verdict = await run('echo on the way; echo broken >&2; exit 3')
  assert.equal(verdict.kind, 'retry')
  const [{ msg, stdout, stderr, level } = {} as LogLine] = lines
  assert.deepEqual(
    [msg, stdout, stderr, level],
    ['custom handler script failed with exit code 3', 'on the way\n', 'broken\n', 50],
  )
})

it('runCustomHandler() keeps 64 KiB of the output, and does not stop the script for the rest', async () => {
  await run('head -c 1000000 /dev/zero | tr "\\0" x; touch "$ROOT/end"')
  assert.equal(lines[0]?.msg.length, 'custom handler script executed successfully, output: '.length + 65_536)
  await stat(path.join(root, 'end'))
})

// The pipe is held by a child of bash: the original waited for it however long it took.
const HANGS = 'sleep 1000 & echo $! > "$ROOT/child"; touch "$ROOT/up"; wait'

async function childIsGone(): Promise<boolean> {
  const pid = (await readFile(path.join(root, 'child'), 'utf8')).trim()
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  return status === null || /\) [ZX] /.test(status)
}

it('runCustomHandler() kills the whole process group at the timeout', async () => {
  const verdict = await run(HANGS, sampleNotification(), 1)
  assert.equal(verdict.kind, 'retry')
  assert.equal(lines[0]?.msg, 'custom handler script timed out after 1s')
  await eventually('the end of its child', 120, async () => (await childIsGone()) || undefined)
  assert.deepEqual(await left(), [])
})

it('runCustomHandler() does not wait for who left the group with the output in its hands', async () => {
  const verdict = await run('setsid sleep 1000 & echo $! > "$ROOT/child"', sampleNotification(), 1)
  assert.equal(verdict.kind, 'retry')
  const pid = Number(await readFile(path.join(root, 'child'), 'utf8'))
  assert.ok(!(await childIsGone()), 'it is killed too, so this test shows nothing')
  process.kill(pid, 'SIGKILL')
})

it('runCustomHandler() kills the whole process group when it is told to stop', async () => {
  const done = run(`${HANGS.replace('touch "$ROOT/up"', 'echo > "$ROOT/up"')}`)
  const up = path.join(root, 'up')
  while ((await stat(up).catch(() => null)) === null) await new Promise(setImmediate)
  stop.abort()
  assert.equal((await done).kind, 'retry')
  await eventually('the end of its child', 120, async () => (await childIsGone()) || undefined)
})

it('runCustomHandler() does not begin when it is told to stop', async () => {
  stop.abort()
  await run('touch "$ROOT/ran"')
  await assert.rejects(stat(path.join(root, 'ran')), { code: 'ENOENT' })
})

it('runCustomHandler() says when a script was killed', async () => {
  await run('kill -KILL $$')
  assert.equal(lines[0]?.msg, 'custom handler script was killed by a signal')
})

it('removeLeftScripts() takes away what a killed installer left', async () => {
  const folder = host.path('/run/coredog/custom-handler')
  await mkdir(folder, { recursive: true })
  await writeFile(path.join(folder, 'old.sh'), '')
  await removeLeftScripts(options(''))
  await assert.rejects(stat(folder), { code: 'ENOENT' })
})
