import assert from 'node:assert/strict'
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { pino } from 'pino'
import { ANY_STORE, parseConfig } from '../../config/parse-config.ts'
import { ourPattern } from '../../crash/our-pattern.ts'
import { configOfAbandoned, forwardOn, leaveIfAbandoned } from '../../handler/abandoned.ts'
import { CorePipe } from '../../handler/core/core-pipe.ts'
import type { Forward } from '../../handler/forward.ts'
import { encodeOriginalSysctls, ORIGINAL_SYSCTLS_FILE } from '../../handoff/original-sysctls.ts'
import { RUN_FILES } from '../../handoff/run-folder.ts'
import { installConfiguration } from '../../installer/node/host-configuration.ts'
import { temporaryFolder } from '../fakes/core-file.ts'
import { fakeProc } from '../fakes/fake-proc.ts'

const OURS = ourPattern('/usr/local/bin/coredog-handler')
const original = { corePattern: '|/usr/share/apport/apport -p%p', corePipeLimit: 3 }
const now = new Date('2026-11-21T12:00:00Z')

interface Found {
  readonly heartbeat?: string
  readonly pattern?: string
  readonly original?: string
  /** Written by a person, not by the installer. */
  readonly ownConfiguration?: boolean
}

interface Left {
  readonly abandoned: boolean
  readonly settings: readonly string[]
  /** How many of the two files that hold keys are there. */
  readonly keys: number
  /** From the handler of its machine. */
  readonly isHidden?: boolean
}

function writeConfiguration(folder: string): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'coredog.yaml'), 's3SecretAccessKey: hush')
}

/** What a handler does that is started on a node where it finds this. */
async function start(test: TestContext, found: Found): Promise<Left> {
  const folder = temporaryFolder(test)
  const [sysctlFolder, run, state] = ['kernel', 'run', 'state'].map(name => path.join(folder, name)) as [
    string,
    string,
    string,
  ]
  for (const made of [sysctlFolder, run, state]) mkdirSync(made)
  const files = ['core_pattern', 'core_pipe_limit'].map(name => path.join(sysctlFolder, name))
  writeFileSync(files[0] ?? '', `${found.pattern ?? OURS}\n`)
  writeFileSync(files[1] ?? '', '64\n')
  if (found.heartbeat !== undefined) writeFileSync(path.join(run, RUN_FILES.heartbeat), found.heartbeat)
  writeFileSync(path.join(state, ORIGINAL_SYSCTLS_FILE), found.original ?? encodeOriginalSysctls(original))
  const etc = path.join(folder, 'etc/coredog')
  if (found.ownConfiguration === true) writeConfiguration(etc)
  else await installConfiguration(etc, { text: 'a: 1', secrets: 's3SecretAccessKey: hush' })
  writeFileSync(path.join(run, RUN_FILES.credentials), '{"secretAccessKey":"hush"}')
  const configFile = path.join(etc, 'coredog.yaml')
  const shown = path.join(run, RUN_FILES.containerNode)
  writeFileSync(shown, '{}')
  const leaving = { now: () => now, log: pino({ enabled: false }), configFile, sysctlFolder, shown }
  const abandoned = await leaveIfAbandoned({ log: '', run, state }, leaving)
  return {
    abandoned,
    settings: files.map(file => readFileSync(file, 'utf8').trim()),
    ...(!existsSync(shown) && { isHidden: true }),
    keys: [configFile, path.join(run, RUN_FILES.credentials)].filter(file => existsSync(file)).length,
  }
}

function heartbeat(time: string, uninstallAfterSeconds = 3600): string {
  return JSON.stringify({ time, uninstallAfterSeconds })
}

it('leaveIfAbandoned() puts the old settings back and takes the keys away when the heartbeat is too old', async t => {
  const left = await start(t, { heartbeat: heartbeat('2026-11-21T10:59:59Z') })
  assert.deepEqual(left, { abandoned: true, settings: [original.corePattern, '3'], keys: 0 })
})

it('leaveIfAbandoned() takes the defaults of the kernel when nobody knows the old settings', async t => {
  const left = await start(t, { heartbeat: heartbeat('2026-11-01T00:00:00Z'), original: '{"corePat' })
  assert.deepEqual(left, { abandoned: true, settings: ['core', '0'], keys: 0 })
})

it('leaveIfAbandoned() leaves the pattern of somebody else', async t => {
  const left = await start(t, { heartbeat: heartbeat('2026-11-01T00:00:00Z'), pattern: '|/other %p' })
  assert.deepEqual(left, { abandoned: true, settings: ['|/other %p', '64'], keys: 0 })
})

it('leaveIfAbandoned() in a container leaves the pattern of its machine, which is to hand over no more', async t => {
  const pattern = ourPattern('/usr/local/bin/coredog-handler', { containerNodes: true })
  const left = await start(t, { heartbeat: heartbeat('2026-11-01T00:00:00Z'), pattern })
  assert.deepEqual(left, { abandoned: true, settings: [pattern, '64'], isHidden: true, keys: 0 })
})

it('leaveIfAbandoned() leaves the configuration that a person wrote', async t => {
  const left = await start(t, { heartbeat: heartbeat('2026-11-01T00:00:00Z'), ownConfiguration: true })
  assert.deepEqual([left.abandoned, left.keys], [true, 1])
})

it('configOfAbandoned() has a configuration for a handler whose own another one took away', async t => {
  const run = temporaryFolder(t)
  assert.equal(await configOfAbandoned(now, run), null)
  writeFileSync(path.join(run, RUN_FILES.heartbeat), heartbeat('2026-11-01T00:00:00Z'))
  assert.equal((await configOfAbandoned(now, run))?.paths.state, '/var/lib/coredog')
})

it('forwardOn() forwards what was read of the core, and the rest of it', async t => {
  const first = { bytes: Buffer.from('what was read'), askedAt: 0 }
  const pipe = new CorePipe(openSync('/dev/null', 'r'), { first })
  t.after(() => pipe.close())
  const forwarded: unknown[] = []
  const forward: Forward = async ({ pid }, _observed, rest, taken) => {
    forwarded.push(pid, rest, `${Buffer.concat(taken)}`)
    return { to: '/previous' }
  }
  const argv = ['4242', 'app', '1763700000', '11', '4242', '1', '0', '3']
  const world = { proc: fakeProc({}), forward, log: pino({ enabled: false }) }
  await forwardOn(argv, pipe, parseConfig(ANY_STORE, { file: 'a test' }).config, world)
  assert.deepEqual(forwarded, [4242, pipe, 'what was read'])
})

const staying = [
  { name: 'the heartbeat is young enough', heartbeat: heartbeat('2026-11-21T11:00:00Z') },
  { name: 'the heartbeat is of tomorrow', heartbeat: heartbeat('2026-11-22T12:00:00Z') },
  { name: 'it is to stay for ever', heartbeat: heartbeat('2020-01-01T00:00:00Z', 0) },
  { name: 'the heartbeat has no time', heartbeat: heartbeat('yesterday') },
  { name: 'the heartbeat is half there', heartbeat: '{"time": "2020-' },
  { name: 'there is no heartbeat: a reboot, or no installer ever' },
]
for (const { name, ...found } of staying) {
  it(`leaveIfAbandoned() stays when ${name}`, async t => {
    assert.deepEqual(await start(t, found), { abandoned: false, settings: [OURS, '64'], keys: 2 })
  })
}
