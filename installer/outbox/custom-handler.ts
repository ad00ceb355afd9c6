import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { access, mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Logger } from 'pino'
import type { Config } from '../../config/config.ts'
import type { Host } from '../../handoff/host.ts'
import type { Notification } from '../../notify/notification.ts'
import { OK, type Verdict } from '../../notify/verdict.ts'
import type { Environment } from './core-sight-config.ts'
import { runScript, type ScriptEnd } from './custom-handler-run.ts'
import type { Destination, Reach } from './destination.ts'

interface CustomHandlerOptions {
  readonly config: Pick<Config, 'customHandler' | 'paths'>
  readonly host: Host
  /** Our own, which the script gets too. */
  readonly env: Environment
  readonly log: Logger
}

const BASH = '/bin/bash'

// It may have done half of its work each time.
const MOST_RUNS = 3

/** The operator's script, if there is one. The line that the log gets is that of the original CoreDog. */
export function customHandler(reach: Reach): readonly Destination[] {
  const { enabled, skipDefaultNotify, skipCoreSight } = reach.config.customHandler
  if (!enabled) return []
  reach.log.info(
    {},
    `CustomHandler enabled: skipDefaultNotify=${skipDefaultNotify}, skipCoreSight=${skipCoreSight}`,
  )
  return [
    {
      target: 'customHandler',
      name: 'customHandler',
      kind: 'customHandler',
      mostAttempts: MOST_RUNS,
      deliver: ({ notice: notification }, signal) => runCustomHandler(notification, reach, signal),
    },
  ]
}

/**
 * Runs the operator's script for a stored core. It runs in our own container if that has bash, else by the
 * bash of the node. The lines that the log gets are those of the original CoreDog.
 */
export async function runCustomHandler(
  notification: Notification,
  { config: { customHandler, paths }, host, env, log }: CustomHandlerOptions,
  signal: AbortSignal,
): Promise<Verdict> {
  const { script, timeoutSeconds } = customHandler
  const file = path.posix.join(scriptFolder(paths), `${randomBytes(8).toString('hex')}.sh`)
  try {
    await mkdir(path.dirname(host.path(file)), { recursive: true, mode: 0o700 })
    await writeFile(host.path(file), script, { flag: 'wx', mode: 0o700 })
    const command = await bashFor(file, host)
    const end = await runScript(
      { command, env: { ...env, ...scriptVariables(notification) }, timeoutSeconds },
      signal,
    )
    return judge(end, timeoutSeconds, log.child({ crash: notification.report.id }))
  } finally {
    await rm(host.path(file), { force: true })
  }
}

/** Takes away the scripts that an installer which was killed has left. */
export async function removeLeftScripts({ config, host }: CustomHandlerOptions): Promise<void> {
  await rm(host.path(scriptFolder(config.paths)), { recursive: true, force: true })
}

/** On the node, where both bashes see it. */
function scriptFolder({ run }: Config['paths']): string {
  return path.posix.join(run, 'custom-handler')
}

async function bashFor(file: string, host: Host): Promise<readonly [string, ...string[]]> {
  const isOurs = await access(BASH, constants.X_OK).then(
    () => true,
    () => false,
  )
  return isOurs ? [BASH, host.path(file)] : ['chroot', host.root, BASH, file]
}

/**
 * What the script is told of the crash: every variable is there, and may be empty. The crashed process chose
 * some of it, so it is data. Size and MD5 are those of the object that `COREDUMP_URL` leads to.
 */
export function scriptVariables({
  report,
  link,
  corefilePath,
}: Notification): Readonly<Record<string, string>> {
  const { core, process, pod, container, node } = report
  const variables = {
    COREDUMP_FILE: corefilePath,
    COREDUMP_URL: link ?? core?.url,
    COREDUMP_FILENAME: path.posix.basename(corefilePath),
    COREDUMP_MD5: core?.md5,
    COREDUMP_SIZE: core?.storedBytes?.toString(),
    COREDUMP_EXECUTABLE: process?.executable,
    POD_NAME: pod?.name,
    POD_NAMESPACE: pod?.namespace,
    POD_UID: pod?.uid,
    POD_NODE_IP: node?.ip,
    POD_IMAGE: container?.image,
    POD_CONTAINER: container?.name,
    HOST_IP: node?.ip,
  }
  // A variable ends at its first NUL, for which Node refuses to start a program.
  const entries = Object.entries(variables).map(([name, value = '']) => [name, value.replaceAll('\0', '')])
  return Object.fromEntries(entries)
}

function judge(
  { how, exitCode, code, stdout, stderr }: ScriptEnd,
  timeoutSeconds: number,
  log: Logger,
): Verdict {
  if (how === 'exited' && exitCode === 0) {
    log.info({ stderr }, `custom handler script executed successfully, output: ${stdout}`)
    return OK
  }
  const reason =
    how === 'timed out'
      ? `custom handler script timed out after ${timeoutSeconds}s`
      : how === 'exited'
        ? `custom handler script failed with exit code ${exitCode}`
        : `custom handler script was ${how}${code === undefined ? '' : ` (${code})`}`
  log.error({ stdout, stderr }, reason)
  const hint = 'Look at what the script wrote, which is in the log, or give it more CustomHandler.timeout.'
  return { kind: 'retry', reason, hint, afterSeconds: 0 }
}
