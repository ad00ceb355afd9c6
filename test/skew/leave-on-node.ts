import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, openSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pino } from 'pino'
import { elfCore } from '../fakes/elf-core.ts'
import type { Release } from './release.ts'

/** The core of every crash here. */
export const CORE = elfCore({ memory: [{ address: 0x400000n, bytes: Buffer.alloc(300 * 1024, 'heap') }] })

/** No process listens there: what is to be told stays in the outbox. */
export const DEAF_CHAT = 'http://127.0.0.1:1/hook'

/** Of an installer that no handler takes for gone: it would put back the settings of this machine. */
export const HEARTBEAT = { time: '2026-11-27T19:00:00.000Z', uninstallAfterSeconds: 100 * 365 * 24 * 3600 }
export const SYSCTLS = { corePattern: '|/usr/share/apport/apport -p%p', corePipeLimit: 3 }

export const POD = {
  namespace: 'shop',
  name: 'web-0',
  uid: '0b6d7a9e-5c1f-4c5e-9a53-2f1f6f0b6a11',
  labels: { app: 'web' },
  annotations: { 'coredog.io/inject': 'true' },
  workload: { kind: 'StatefulSet', name: 'web' },
  containers: [{ name: 'app', id: 'ab'.repeat(32), image: 'web:1', restartCount: 2 }],
}

/** What handlers are told, by the names of the files. */
export const HANDOFF = {
  node: { name: 'node-1', ip: '10.0.0.7', cluster: 'prod' },
  addresses: { 'minio.storage.svc': ['10.96.0.7'] },
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example', expiresAt: '2026-11-27T20:00:00Z' },
  cgroup: { procsFiles: [] },
}

/** The configuration of a node in `folder`: `run`, `state`, `store` and `log` are below it. */
export function configOf(folder: string, change: object = {}): string {
  return JSON.stringify({
    StorageConfig: { protocol: 'cfs', CFSMountPath: path.join(folder, 'store') },
    NoticeChannel: [{ chan: 'slack', webhookurl: DEAF_CHAT }],
    cri: { sockets: [] },
    limits: { perWorkload: 0 },
    storage: { patience: '30s' },
    spool: { dir: path.join(folder, 'state/spool'), keepFree: '0%' },
    paths: {
      log: path.join(folder, 'log/handler.log'),
      state: path.join(folder, 'state'),
      run: path.join(folder, 'run'),
    },
    ...change,
  })
}

const KERNEL = ['4194305', 'my app', '1763700000', '11', '4194305', '1', '0', '']

/**
 * A handler as the kernel starts it, on a crash of a process of which nothing is known. `stdin`: what it
 * reads, a file.
 */
export async function crash(program: string, folder: string, config: string, stdin?: string): Promise<void> {
  writeFileSync(path.join(folder, 'c.yaml'), config)
  writeFileSync(path.join(folder, 'core'), CORE)
  const core = openSync(stdin ?? path.join(folder, 'core'), 'r')
  const args = [program, `--config=${folder}/c.yaml`, ...KERNEL]
  const child = spawn(process.execPath, args, { stdio: [core, 'ignore', 'inherit'], env: {}, cwd: '/' })
  await once(child, 'exit')
}

/** All that `release` leaves on a node, below `folder`. */
export async function leaveOnNode(release: Release, folder: string): Promise<void> {
  for (const name of ['run', 'state', 'store', 'log']) mkdirSync(path.join(folder, name))
  for (const name of ['run', 'state']) chmodSync(path.join(folder, name), 0o700)
  await handOver(release, folder)
  await leaveCrashes(path.join(release.root, release.handler), folder)
  await leaveOfInstaller(release, folder)
}

/**
 * Of four crashes: one that no destination was told of, the next of its kind, one without a store, one whose
 * handler was killed.
 */
async function leaveCrashes(handler: string, folder: string): Promise<void> {
  const store = path.join(folder, 'store')
  const counted = configOf(folder, { limits: { perWorkload: 1 } })
  await crash(handler, folder, counted)
  await crash(handler, folder, counted)
  renameSync(store, `${store}.away`)
  await crash(handler, folder, configOf(folder))
  renameSync(`${store}.away`, store)
  await killedCrash(handler, folder)
}

async function killedCrash(handler: string, folder: string): Promise<void> {
  const args = [handler, `--config=${folder}/c.yaml`, ...KERNEL]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'inherit'], env: {}, cwd: '/' })
  const begun = path.join(folder, 'state/begun')
  while (!namesIn(begun).some(name => name.endsWith('.json'))) await pause(10)
  child.kill('SIGKILL')
  await once(child, 'exit')
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // the handler has not made it yet
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the modules of any release.
type Module = any

async function handOver(release: Release, folder: string): Promise<void> {
  const load = (name: keyof Release['modules']): Promise<Module> =>
    import(path.join(release.root, release.modules[name]))
  const host = new (await load('host')).Host('/')
  const places = { runFolder: path.join(folder, 'run'), stateFolder: path.join(folder, 'state') }
  const log = pino({ enabled: false })
  const node = { host, places, log }
  for (const [name, record] of Object.entries(HANDOFF))
    writeFileSync(path.join(folder, 'run', `${name}.json`), release.encodeHandoff(record), { mode: 0o600 })
  writeFileSync(path.join(folder, 'run/pods.json'), release.encodePods([POD]), { mode: 0o600 })
  await (await load('heartbeat')).writeHeartbeat(node, HEARTBEAT)
  await (await load('refusal')).writeRefusal(node, { reason: 'it is wrong', hint: 'Mend it.' })
  await (await load('original')).saveOriginal(node, SYSCTLS)
}

async function leaveOfInstaller(release: Release, folder: string): Promise<void> {
  const load = (name: keyof Release['modules']): Promise<Module> =>
    import(path.join(release.root, release.modules[name]))
  const log = pino({ enabled: false })
  const inState = (name: string) => path.join(folder, 'state', name)
  const { nodeEvent } = await load('events')
  const event = nodeEvent('node-1', 'CoreDumpDropped', 'what to do', 'Warning', new Date().toISOString())
  await new (await load('eventOutbox')).EventOutbox(inState('events'), log).add(event)
  const module = await load('ledger')
  const ledger = await (module.Ledger ?? module.Taken).read(inState('taken.json'), log)
  ledger.add('a file', 'stored')
  await ledger.keep()
  const attempts = await (await load('attempts')).Attempts.read(inState('attempts.jsonl'), log)
  await attempts.begin('a file', 1_800_000_000_000)
  await attempts.end()
}
