import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Logger } from 'pino'
import type { Config, PathsConfig } from '../config/config.ts'
import { ANY_STORE, parseConfig } from '../config/parse-config.ts'
import { messageOf } from '../crash/errors.ts'
import { parseKernelArgs } from '../crash/kernel-args.ts'
import { handlerOf, looksIntoNodes } from '../crash/our-pattern.ts'
import { readHeartbeat } from '../handoff/heartbeat.ts'
import { HOST_PATHS } from '../handoff/host.ts'
import {
  decodeOriginalSysctls,
  KERNEL_DEFAULTS,
  ORIGINAL_SYSCTLS_FILE,
  type OriginalSysctls,
} from '../handoff/original-sysctls.ts'
import { type Heartbeat, RUN_FILES } from '../handoff/run-folder.ts'
import type { CorePipe } from './core/core-pipe.ts'
import { logForwarded } from './forward.ts'
import { removeHandoffKeys } from './handoff/handoff-keys.ts'
import { observe } from './identity/observe.ts'
import type { Outside } from './outside.ts'

/** What leaving needs of the world. */
interface Leaving {
  readonly now: () => Date
  readonly log: Logger
  /** Of this handler: the keys are beside it. */
  readonly configFile: string
  /** /proc/sys/kernel, but for tests. */
  readonly sysctlFolder?: string
  /** What the handler of the machine goes by, where the node is a container. */
  readonly shown?: string
}

const SHOWN = path.join(HOST_PATHS.runFolder, RUN_FILES.containerNode)

/**
 * Whether the installer is gone for good. Then no installer is left to take us off the node, so we put the
 * old settings back ourselves, after which the kernel calls us no more, and take the keys off the node. Our
 * other files stay.
 *
 * Only an old heartbeat counts, never a missing one. After a reboot there is none, but then core_pattern is
 * not ours either until an installer was there; and an operator who set core_pattern by hand never had an
 * installer.
 */
export async function leaveIfAbandoned(paths: PathsConfig, leaving: Leaving): Promise<boolean> {
  const heartbeat = await oldHeartbeat(paths, leaving.now())
  if (heartbeat === null) return false
  try {
    await putBack(await originalOf(paths.state), heartbeat, leaving)
    // An installer that comes back says so before it writes anything.
    if ((await oldHeartbeat(paths, leaving.now())) !== null)
      await removeHandoffKeys(leaving.configFile, paths.run)
  } catch (error) {
    // The next crash tries again; this one is forwarded all the same.
    leaving.log.error({ reason: messageOf(error) }, 'node not left')
  }
  return true
}

/**
 * The configuration for a handler that cannot read its own: another one has left the node since the kernel
 * started this one. `null`: then the node is not abandoned, and something is wrong.
 */
export async function configOfAbandoned(now: Date, runFolder?: string): Promise<Config | null> {
  const { config } = parseConfig(ANY_STORE, { file: 'the defaults' })
  const run = runFolder ?? config.paths.run
  return (await oldHeartbeat({ run }, now)) === null ? null : config
}

async function oldHeartbeat({ run }: Pick<PathsConfig, 'run'>, now: Date): Promise<Heartbeat | null> {
  const heartbeat = await readHeartbeat(run)
  return heartbeat !== null && isOver(heartbeat, now) ? heartbeat : null
}

/** The crash that found us abandoned goes to the handler that was there before, like all after it. */
export async function forwardOn(
  argv: readonly string[],
  pipe: CorePipe,
  _config: Config,
  { proc, forward, log }: Pick<Outside, 'proc' | 'forward' | 'log'>,
): Promise<void> {
  const args = parseKernelArgs(argv)
  const { pid, comm, signal } = args
  logForwarded(await forward(args, await observe(args, proc), pipe, pipe.taken), { pid, comm, signal }, log)
}

/** 0 seconds: never. A time that cannot be read, or is yet to come, is no reason to go. */
function isOver({ time, uninstallAfterSeconds }: Heartbeat, now: Date): boolean {
  const ageSeconds = (now.getTime() - Date.parse(time)) / 1000
  return uninstallAfterSeconds > 0 && ageSeconds > uninstallAfterSeconds
}

async function originalOf(stateFolder: string): Promise<OriginalSysctls> {
  const text = await readFile(path.join(stateFolder, ORIGINAL_SYSCTLS_FILE), 'utf8').catch(() => '')
  return decodeOriginalSysctls(text) ?? KERNEL_DEFAULTS
}

/** The pattern first: what is put back halfway must not name us any more. */
async function putBack(original: OriginalSysctls, heartbeat: Heartbeat, leaving: Leaving): Promise<void> {
  const { log, sysctlFolder = '/proc/sys/kernel', shown = SHOWN } = leaving
  const { corePattern, corePipeLimit } = original
  const patternFile = path.join(sysctlFolder, 'core_pattern')
  const pattern = (await readFile(patternFile, 'utf8')).trim()
  if (handlerOf(pattern) === null) return
  // That of the machine is for other nodes, too: it is to hand over no more to this one.
  if (looksIntoNodes(pattern)) return await rm(shown, { force: true })
  await writeFile(patternFile, `${corePattern}\n`)
  await writeFile(path.join(sysctlFolder, 'core_pipe_limit'), `${corePipeLimit}\n`)
  log.warn({ lastSeen: heartbeat.time, ...original }, 'node left: no installer any more')
}
