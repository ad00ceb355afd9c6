/**
 * `npm run e2e`: checks that this machine can run the scenarios, makes the programs if they are older than
 * their sources, and hands over to Node's test runner, whose lines end the output.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { isDeepStrictEqual } from 'node:util'
import { TOP_ROOMS } from '../rooms.ts'
import { CorePattern } from './core-pattern.ts'
import { type KernelSettings, readKernelSettings } from './kernel-settings.ts'
import { MachineLock } from './machine-lock.ts'
import { sweepWorkspaces } from './workspace.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const HANDLER = path.join(ROOT, 'dist/coredog-handler')
const SOURCES = [...TOP_ROOMS, 'build', 'package-lock.json']
const PROGRAMS = [
  'containerd',
  'ctr',
  'runc',
  'gcc',
  'g++',
  'gdb',
  'tmux',
  'eu-stack',
  'c++filt',
  'mkfifo',
  'ip',
  'nsenter',
  'findmnt',
]
const BUILD_PREFIX = 'coredog-e2e-build-'

async function main(): Promise<number> {
  const [option] = process.argv.slice(2)
  if (option !== undefined) {
    say(`npm run e2e takes no "${option}": it runs all scenarios, as root, for some ten minutes`)
    return 1
  }
  const missing = whatIsMissing()
  if (missing !== null) {
    say(`Cannot run the end-to-end tests: ${missing}`)
    return 1
  }
  await using _lock = await MachineLock.take('coredog-e2e', `npm run e2e (process ${process.pid})`, 1800)
  if (isStale(HANDLER)) {
    const built = await run('npm', ['run', 'build'], {})
    if (built !== 0) return built
  }
  return await runScenarios()
}

async function runScenarios(): Promise<number> {
  const before = await clearWhatWasLeft()
  const build = makeBuildDirectory()
  try {
    const scenarios = readdirSync(import.meta.dirname)
      .filter(file => file.endsWith('.test.ts'))
      .map(file => path.join(import.meta.dirname, file))
    const status = await run(process.execPath, ['--test', '--test-concurrency=1', ...scenarios], {
      COREDOG_E2E_BUILD: build,
    })
    return (await isAsBefore(before)) ? status : 1
  } finally {
    rmSync(build, { recursive: true, force: true })
  }
}

/** Runs that were killed with their keeper leave their pattern, which each scenario would take for the machine's own. */
async function clearWhatWasLeft(): Promise<KernelSettings> {
  const found = readKernelSettings()
  {
    await using _kernel = await CorePattern.own(600)
  }
  const before = readKernelSettings()
  if (!isDeepStrictEqual(found, before))
    say(`A run that was killed left core_pattern "${found.pattern}"; it is back`)
  return before
}

/** Clears what scenarios that were stopped have left, and says whether the kernel has its settings back. */
async function isAsBefore(before: KernelSettings): Promise<boolean> {
  // To own them is to wait for a run that is still putting them back.
  await using kernel = await CorePattern.own(60)
  await sweepWorkspaces()
  if (isDeepStrictEqual(kernel.original, before)) return true
  say(`Cannot leave the machine as it was: ${JSON.stringify(kernel.original)}, not ${JSON.stringify(before)}`)
  return false
}

/** The programs and images of this run. The run that holds our lock may remove what a killed run left. */
function makeBuildDirectory(): string {
  for (const name of readdirSync(tmpdir()).filter(name => name.startsWith(BUILD_PREFIX))) {
    rmSync(path.join(tmpdir(), name), { recursive: true, force: true })
  }
  return mkdtempSync(path.join(tmpdir(), BUILD_PREFIX))
}

function whatIsMissing(): string | null {
  if (process.getuid?.() !== 0) return 'they change kernel settings and start containers; run them as root'
  const absent = PROGRAMS.filter(program => !isOnPath(program))
  return absent.length === 0 ? null : `${absent.join(', ')} not found; .ci/install installs what they need`
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(':').some(dir => existsSync(path.join(dir, program)))
}

function isStale(program: string): boolean {
  return (
    !existsSync(program) ||
    SOURCES.some(source => newest(path.join(ROOT, source)) > statSync(program).mtimeMs)
  )
}

/** Time of the latest change of a file, or of any file in a directory, in milliseconds. */
function newest(file: string): number {
  const { mtimeMs } = statSync(file)
  if (!statSync(file).isDirectory()) return mtimeMs
  return readdirSync(file).reduce((latest, name) => Math.max(latest, newest(path.join(file, name))), mtimeMs)
}

async function run(command: string, args: readonly string[], more: NodeJS.ProcessEnv): Promise<number> {
  const env = { ...process.env, ...more }
  const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit', env })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

// Ctrl-C reaches the runner and its tests too; we stay until they have cleaned up.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)

process.exitCode = await main()
