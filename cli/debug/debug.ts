import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { Coredump } from '../../coredump/coredump.ts'
import { messageOf } from '../../crash/errors.ts'
import type { CrashReport } from '../../crash/report.ts'
import { plain } from '../../untrusted/plain-text.ts'
import { CliError, EXIT } from '../exit.ts'
import { findCrash } from '../source/find-crash.ts'
import type { CrashSource } from '../source/source.ts'
import { styleOf } from '../terminal/style.ts'
import type { World } from '../world.ts'
import { cacheFolderIn } from './cache-folder.ts'
import { fetchFiles } from './crash-files.ts'
import type { CrashFiles, CrashFolder } from './crash-folder.ts'
import { DebugCache } from './debug-cache.ts'
import type { DebugOptions } from './debug-options.ts'
import { argumentsFor, commandLine, type DebuggerName, findDebugger, noDebugger } from './debugger.ts'
import { firstLook, sourceOf } from './first-look.ts'
import { openInCluster } from './in-cluster/in-cluster.ts'
import { missingProgram } from './missing-program.ts'
import { runDebugger } from './run-debugger.ts'
import { Transfer } from './transfer.ts'

/** Opens the core of a crash in a debugger: what that needs is fetched, and lies in the cache. `more`: for the debugger. */
export async function debugCrash(
  id: string,
  more: readonly string[],
  options: DebugOptions,
  world: World,
): Promise<void> {
  if (options.debuggerImage !== undefined && options.inCluster !== true) throw notInCluster()
  const source = await world.openSource(options)
  const namespace = options.allNamespaces === true ? null : (options.namespace ?? source.namespace)
  const crash = await findCrash(source, { id, namespace }, world.signal)
  const say = (text: string) => void world.stderr.write(`${text}\n`)
  const { yellow, dim } = styleOf(world.stderr, world.environment)
  const warn = (text: string) => say(yellow(text))
  say(inWords(crash))
  const report = await reportOf(source, crash, warn, world.signal)
  if (crash.status.storedBytes === 0) throw noCore(crash, report)

  const cache = await DebugCache.open(cacheFolderIn(world.environment), options.cacheSize)
  const fetching = { source, crash, report, cache, warn, transfer: new Transfer(world), signal: world.signal }
  const found = await fetchFiles(fetching)
  const files = options.program === undefined ? found : await withProgram(found, options.program, crash)
  const folder = await cache.layOut(crash, files)

  const opening = { options, world, say: (text: string) => say(dim(text)) }
  if (options.inCluster === true) await openInCluster({ crash, files, folder, more, ...opening })
  else {
    if (files.program === null) warn(missingProgram(crash, report))
    await openIn(folder, more, { ...opening, report })
  }
  if (crash.status.phase === 'Incomplete') throw incomplete(crash)
}

interface Opening {
  readonly options: DebugOptions
  readonly world: World
  readonly say: (text: string) => void
}

async function openIn(
  folder: CrashFolder,
  more: readonly string[],
  { options, world, say, report }: Opening & { readonly report: CrashReport | null },
): Promise<void> {
  const found = findDebugger(world.environment, options.debugger)
  if (found === null) throw noDebugger(folder, options.debugger)
  const { source } = options
  const look = more.length === 0 ? firstLook(found.name, report) : []
  const args = argumentsFor(found.name, folder, [...sourceIn(source, found.name), ...look, ...more])
  const file = sourceOf(report)
  if (more.length === 0 && source === undefined && file !== null && !existsSync(file)) say(NO_SOURCE)
  say(commandLine(found.name, args))
  const exitCode = await runDebugger(found, args)
  if (exitCode !== 0)
    throw new CliError(EXIT.error, `${found.name} ended with ${exitCode}`, 'What it wrote says why.')
}

const NO_SOURCE = 'Source is shown where this is started in your checkout, or with --source DIR.'

function sourceIn(folder: string | undefined, name: DebuggerName): readonly string[] {
  if (folder === undefined) return []
  if (name === 'gdb') return ['-d', path.resolve(folder)]
  throw new CliError(
    EXIT.usage,
    `Cannot tell ${name} where source is`,
    'Start it in your checkout, or use gdb.',
  )
}

function inWords({ metadata, spec, status }: Coredump): string {
  const { namespace, creationTimestamp } = metadata
  const where = [namespace, spec.pod.name, spec.container].filter(part => part !== undefined).join('/')
  const what = spec.signal?.name ?? 'A crash'
  const why = status.reason === undefined ? '' : `: ${plain(status.reason)}`
  return `${plain(what)} in ${plain(where)} at ${plain(creationTimestamp)}${why}`
}

/** A core opens without it, too. */
async function reportOf(
  source: CrashSource,
  crash: Coredump,
  warn: (text: string) => void,
  signal: AbortSignal,
): Promise<CrashReport | null> {
  try {
    return await source.report(crash, signal)
  } catch (error) {
    if (signal.aborted) throw error
    warn(`report: ${messageOf(error)}`)
    return null
  }
}

async function withProgram(files: CrashFiles, named: string, { spec }: Coredump): Promise<CrashFiles> {
  const file = path.resolve(named)
  const { size: sizeBytes } = await stat(file).catch(cause => {
    const hint = 'Name the program that crashed.'
    throw new CliError(EXIT.usage, `Cannot open ${named}: ${messageOf(cause)}`, hint, cause)
  })
  const program = { path: spec.executable ?? file, file, sizeBytes }
  return { ...files, program: file, modules: [program, ...files.modules] }
}

function noCore({ metadata, status }: Coredump, report: CrashReport | null): CliError {
  const kept = /([0-9a-f]{12})\/core(?:\.[a-z]+)?$/.exec(report?.core?.kept?.key ?? '')?.[1]
  if (kept !== undefined)
    return new CliError(
      EXIT.notFound,
      `Of this crash no core was kept: it is one of many, of which ${kept} was`,
      `Open that one: kubectl coredog debug ${kept} -n ${metadata.namespace}`,
    )
  const why = status.incompleteReason ?? report?.core?.incompleteReason
  return new CliError(
    EXIT.notFound,
    `Of this crash there is no core${why === undefined ? '' : `: ${plain(why)}`}`,
    `kubectl coredog info ${metadata.name} -n ${metadata.namespace} shows what was kept.`,
  )
}

function incomplete({ status }: Coredump): CliError {
  return new CliError(
    EXIT.incomplete,
    `The core is not whole: ${plain(status.incompleteReason ?? 'nobody says why')}`,
    'What is at its end is missing, often the stacks of threads: docs/opening-a-core.md, "What may be missing".',
  )
}

function notInCluster(): CliError {
  return new CliError(
    EXIT.usage,
    'With --debugger-image there is nothing to do on this machine',
    'Add --in-cluster: it is the image of the pod there.',
  )
}
