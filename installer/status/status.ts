import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import type { CollectConfig, Config } from '../../config/config.ts'
import { handlerOf, looksIntoNodes } from '../../crash/our-pattern.ts'
import { readFillingPods } from '../../handoff/filling-pods.ts'
import { readHeartbeat } from '../../handoff/heartbeat.ts'
import { type CaptureMode, isOurs } from '../node/capture-mode.ts'
import type { InspectHandler } from '../node/handler-binary.ts'
import { lostHostCoreFiles } from '../node/host-core-files.ts'
import { writerOf } from '../node/known-writer.ts'
import type { Node } from '../node/node.ts'
import { readNodeState } from '../node/node-state.ts'
import type { Outcome } from '../node/run-on-host.ts'
import { readDedupeScope } from '../supply/dedupe-scope.ts'
import { readRefusal } from '../supply/refusal.ts'
import { lastCrashIn } from '../telemetry/last-crash.ts'
import type { Status, Waiting } from './node-status.ts'
import { parseSelfTest } from './self-test-report.ts'
import { problemsOf } from './status-problems.ts'

/** As the configuration has it. */
interface Wanted extends Pick<CollectConfig, 'hostProcesses'> {
  readonly config: Pick<Config, 'dedupe' | 'storage' | 'spool' | 'fallback'>
  readonly way: CaptureMode
  /** There is a configuration. A machine whose nodes are containers needs none. */
  readonly isConfigured: boolean
  /**
   * Tries what a crash would need where no handler is on the node: core files are read by that of our own
   * container.
   */
  readonly selfTestHere: () => Promise<Outcome>
  readonly groups: () => Promise<Status['groups']>
}

// A store that is silent at each of its steps takes the self-test 34 seconds, and then it says well what is
// wrong.
export const SELF_TEST_SECONDS = 60

/** Looks at the node and changes nothing, but for the object that the self-test writes and removes. */
export async function readStatus(
  node: Node,
  inspect: InspectHandler,
  directories: readonly string[],
  { way, isConfigured, hostProcesses, selfTestHere, groups, config }: Wanted,
  now: Date,
): Promise<Status> {
  const { host, places, runOnHost } = node
  const state = await readNodeState(node, inspect, directories)
  const handler = state.handlers.find(({ path: file }) => file === handlerOf(state.corePattern))
  const found = handler ?? state.handlers[0] ?? null
  const runs = found !== null && found.problem === undefined
  const checksOf = async () => {
    if (!isConfigured && state.container === null && looksIntoNodes(state.corePattern)) return []
    if (runs) return parseSelfTest(await runOnHost([found.path, 'self-test'], SELF_TEST_SECONDS))
    return way === 'file' && isOurs(state.corePattern, way) ? parseSelfTest(await selfTestHere()) : []
  }
  const status: Omit<Status, 'problems'> = {
    way,
    handler: found === null ? null : { ...found, version: runs ? await versionOf(node, found.path) : null },
    corePattern: state.corePattern,
    owner: isOurs(state.corePattern, way) ? 'CoreDog' : writerOf(state.corePattern),
    corePipeLimit: state.corePipeLimit,
    original: state.original,
    staticHelper: state.staticHelper,
    inContainer: state.container !== null,
    heartbeat: await heartbeatOf(node, now),
    lastCrash: await lastCrashIn(host.path(places.handlerLog)),
    waiting: (await waitingIn(host.path(places.stateFolder))).map(folder => bounded(folder, config.spool)),
    fillingPods: config.fallback.hostPath ? await readFillingPods(host.path(places.runFolder)) : [],
    checks: await checksOf(),
    refusal: await readRefusal(node),
    dedupe: await readDedupeScope(host.path(places.runFolder), config),
    groups: await groups(),
    lostHostCoreFiles: lostHostCoreFiles({ hostProcesses }, state.original, way),
  }
  return { problems: problemsOf(status), ...status }
}

/** What the handler `file` says that it is; `null`: it does not run. */
export async function versionOf({ runOnHost }: Node, file: string): Promise<string | null> {
  const { exitCode, stdout } = await runOnHost([file, '--version'])
  // What comes after it says how the handler compresses.
  return exitCode === 0 ? (stdout.trim().split('\n')[0] ?? null) : null
}

async function heartbeatOf({ host, places }: Node, now: Date): Promise<Status['heartbeat']> {
  const last = await readHeartbeat(host.path(places.runFolder))
  if (last === null) return null
  const ageSeconds = Math.round((now.getTime() - Date.parse(last.time)) / 1000)
  if (!Number.isFinite(ageSeconds)) return null
  // Below 0: written while we were looking, or before the node's clock was set back.
  return { ageSeconds: Math.max(0, ageSeconds), uninstallAfterSeconds: last.uninstallAfterSeconds }
}

/** What waits in the state folder, by folders that are there. */
export async function waitingIn(stateFolder: string): Promise<readonly Waiting[]> {
  const folders = await Promise.all(['spool', 'outbox'].map(name => sizeOf(stateFolder, name)))
  return folders.filter(folder => folder !== null)
}

/** A spool has an end. */
function bounded(folder: Waiting, { maxBytes }: Config['spool']): Waiting {
  return folder.name === 'spool' && maxBytes > 0 ? { ...folder, limitBytes: maxBytes } : folder
}

async function sizeOf(stateFolder: string, name: string): Promise<Waiting | null> {
  const folder = path.join(stateFolder, name)
  const names = await readdir(folder, { recursive: true }).catch(() => null)
  if (names === null) return null
  // What goes away while we count is not waiting any more.
  const stats = await Promise.all(names.map(file => stat(path.join(folder, file)).catch(() => null)))
  const files = stats.filter(found => found?.isFile() === true)
  return { name, files: files.length, bytes: files.reduce((sum, found) => sum + (found?.size ?? 0), 0) }
}
