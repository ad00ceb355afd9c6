import type { FileHandle } from 'node:fs/promises'
import { messageOf } from '../crash/errors.ts'
import { type Pause, pause } from '../time/pause.ts'
import { type CoreFile, textOf } from './core-file.ts'
import { HandlerProcess } from './handler-process.ts'
import { parseVerdict, type Verdict } from './verdict.ts'

/** Stores a core that is a file. Never rejects: what went wrong is in the verdict. */
export type TakeCore = (core: OpenCore, signal: AbortSignal) => Promise<Verdict>

export interface OpenCore {
  readonly id: string
  readonly file: CoreFile
  /** To be read from its beginning. */
  readonly opened: FileHandle
}

export interface HandlerCommand {
  /** In our own container. */
  readonly program: string
  readonly configFile: string
  /** Where the node's root is for us. */
  readonly root: string
  /** Does with its process what is to be done at once; never rejects. */
  readonly onStart?: (pid: number) => Promise<void>
  readonly pause?: Pause
}

const LOOK_SECONDS = 10
const STUCK_SECONDS = 600
const CLOSE_SECONDS = 5

/** Has a handler of our own do it: what it did with a core is lost with it, and we live on. */
export function takeByHandler(command: HandlerCommand): TakeCore {
  return async (core, signal) => {
    try {
      return await run(command, core, signal)
    } catch (cause) {
      return { outcome: 'failed', reason: `the handler cannot be started: ${messageOf(cause)}` }
    }
  }
}

async function run(command: HandlerCommand, core: OpenCore, signal: AbortSignal): Promise<Verdict> {
  const handler = new HandlerProcess(command.program, argumentsFor(command, core), core.opened.fd)
  const kill = () => handler.kill()
  signal.addEventListener('abort', kill)
  try {
    const pid = await handler.started()
    if (signal.aborted) kill()
    if (pid !== undefined) await command.onStart?.(pid)
    const wasStuck = await exitedOrStuck(handler, command.pause ?? pause)
    // One that hangs in a mounted file system outlives SIGKILL: it is not waited for, and it may have
    // answered.
    if (wasStuck) kill()
    const [stdout = '', stderr = ''] = await handler.output(CLOSE_SECONDS)
    return parseVerdict(stdout) ?? silent(handler, wasStuck, stderr)
  } finally {
    signal.removeEventListener('abort', kill)
    handler.closeOutput()
  }
}

/** Always `--name=value`: a value may begin with anything. */
function argumentsFor({ configFile, root }: HandlerCommand, { id, file }: OpenCore): string[] {
  const { namespace, pod, container } = file.owner
  return [
    `--config=${configFile}`,
    'collect-file',
    `--root=${root}`,
    `--namespace=${namespace}`,
    `--pod=${pod}`,
    ...(container === undefined ? [] : [`--container=${container}`]),
    `--id=${id}`,
    `--path=${textOf(file.segments)}`,
  ]
}

/** Resolves with whether it has read nothing for so long that it never will; else it is over. */
async function exitedOrStuck(handler: HandlerProcess, wait: Pause): Promise<boolean> {
  const over = new AbortController()
  try {
    return await Promise.race([handler.exited().then(() => false), isStuck(handler, wait, over.signal)])
  } finally {
    over.abort()
  }
}

/** `false`: it was over before. */
async function isStuck(handler: HandlerProcess, wait: Pause, over: AbortSignal): Promise<boolean> {
  let at = await handler.position()
  for (let stillSeconds = 0; stillSeconds < STUCK_SECONDS; ) {
    await wait(LOOK_SECONDS, over)
    if (over.aborted) return false
    const now = await handler.position()
    stillSeconds = now === at ? stillSeconds + LOOK_SECONDS : 0
    at = now
  }
  return !over.aborted
}

const SHOWN_CHARACTERS = 500

function silent(handler: HandlerProcess, wasStuck: boolean, stderr: string): Verdict {
  const how = wasStuck
    ? `made no progress for ${STUCK_SECONDS} s and was killed`
    : `ended without a word (${handler.end})`
  const said = stderr.trim().slice(-SHOWN_CHARACTERS)
  return { outcome: 'failed', reason: `the handler ${how}${said === '' ? '' : `: ${said}`}` }
}
