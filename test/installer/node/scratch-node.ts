import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pino } from 'pino'
import { handlerOf } from '../../../crash/our-pattern.ts'
import { Host } from '../../../handoff/host.ts'
import { type CaptureMode, FILE_PATTERN } from '../../../installer/node/capture-mode.ts'
import { broughtBy, inspectHandlers } from '../../../installer/node/handler-binary.ts'
import { DEFAULT_PLACES, type Node } from '../../../installer/node/node.ts'
import type { Wanted } from '../../../installer/node/plan.ts'
import type { Bringing } from '../../../installer/node/reconcile.ts'
import type { Outcome } from '../../../installer/node/run-on-host.ts'
import { directoriesFor, wantedOf } from '../../../installer/node/wanted.ts'

/** What the node had before us, in {@link scratchNode}. */
export const BEFORE = { corePattern: '|/usr/share/apport/apport -p%p', corePipeLimit: 3 }

/**
 * A node within `folder`: a root with nothing but the usual directories, and settings that are plain files.
 * Its programs are started where they lie, for there is no C library to change the root to.
 */
export function scratchNode(folder: string): Node {
  const host = new Host(path.join(folder, 'host'))
  const sysctlFolder = path.join(folder, 'kernel')
  for (const made of [host.path('/usr/local/bin'), host.path('/var/lib'), host.path('/run'), sysctlFolder]) {
    mkdirSync(made, { recursive: true })
  }
  if (!existsSync(path.join(sysctlFolder, 'core_pattern'))) writeSettings(sysctlFolder, BEFORE)
  return {
    host,
    sysctlFolder,
    places: DEFAULT_PLACES,
    runOnHost: ([program, ...args]) => start(host.path(program), args),
    log: pino({ enabled: false }),
  }
}

export function writeSettings(folder: string, { corePattern, corePipeLimit }: typeof BEFORE): void {
  writeFileSync(path.join(folder, 'core_pattern'), `${corePattern}\n`)
  writeFileSync(path.join(folder, 'core_pipe_limit'), `${corePipeLimit}\n`)
}

function start(program: string, args: readonly string[]): Promise<Outcome> {
  return new Promise(resolve => {
    execFile(program, args, (error, stdout, stderr) => {
      const code = error?.code
      const exitCode = error === null ? 0 : typeof code === 'number' ? code : null
      resolve({ exitCode, stdout, stderr, ...(typeof code === 'string' && { code }) })
    })
  })
}

/** A handler that can say its version, and nothing else. */
export function fakeHandler(folder: string, version: string): string {
  const file = path.join(folder, `handler-${version}`)
  writeFileSync(file, `#!/bin/sh\necho ${version}\n`, { mode: 0o755 })
  return file
}

export async function bringing(
  node: Node,
  handlerFile: string,
  way: CaptureMode = 'pipe',
): Promise<{ wanted: Wanted; bring: Bringing }> {
  const config = { limits: { concurrency: 4 }, fallback: { corePattern: way === 'file' } }
  return {
    wanted: wantedOf(await broughtBy(handlerFile), directoriesFor(null), config),
    bring: { handlerFile, inspect: inspectHandlers(node) },
  }
}

/**
 * What must hold at any moment: if core_pattern names a program of ours, it is there and runs; or it needs
 * none.
 */
export async function collectsOrNot(node: Node): Promise<string> {
  const [pattern = ''] = readFileSync(path.join(node.sysctlFolder, 'core_pattern'), 'utf8').split('\n')
  if (pattern === FILE_PATTERN) return 'writes files'
  const handler = handlerOf(pattern)
  if (handler === null) return 'not ours'
  const { exitCode } = await node.runOnHost([handler, '--version'])
  return exitCode === 0 ? 'collects' : `${handler} does not run`
}

/** Every path below the node's root. */
export function listing({ host }: Node): string[] {
  return readdirSync(host.root, { recursive: true, encoding: 'utf8' }).sort()
}
