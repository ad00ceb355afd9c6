import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type FileHandle, readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { messageOf } from '../crash/errors.ts'
import { codeOf } from '../crash/system-error.ts'
import { type Pause, pause } from '../time/pause.ts'
import { withinSeconds } from '../time/within-seconds.ts'
import { type CoreFile, textOf } from './core-file.ts'
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
const MOST_OUTPUT = 1024 * 1024

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
  const child = spawn(command.program, argumentsFor(command, core), {
    stdio: [core.opened.fd, 'pipe', 'pipe'],
    // A group of its own, which can be killed as a whole.
    detached: true,
    cwd: '/',
    // As the kernel starts it.
    env: {},
  })
  const ended = new AbortController()
  const closed = once(child, 'close').catch(() => undefined)
  const output = Promise.all([child.stdout, child.stderr].map(textFrom))
  const kill = () => killGroup(child)
  signal.addEventListener('abort', kill)
  try {
    await once(child, 'spawn')
    if (signal.aborted) kill()
    if (child.pid !== undefined) await command.onStart?.(child.pid)
    const stuck = killWhenStuck(child, command.pause ?? pause, ended.signal)
    // One that hangs in a mounted file system outlives SIGKILL: it is not waited for, and it may have
    // answered.
    await Promise.race([exitOf(child), stuck])
    ended.abort()
    // A process that inherited its output may hold it for ever.
    await withinSeconds(CLOSE_SECONDS, closed).catch(() => closeOutput(child))
    const [stdout = '', stderr = ''] = await output
    return parseVerdict(stdout) ?? silent(child, await stuck, stderr)
  } finally {
    ended.abort()
    signal.removeEventListener('abort', kill)
    closeOutput(child)
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

/** Kills a handler that has read nothing for so long that it never will. Returns whether it did. */
async function killWhenStuck(child: ChildProcess, wait: Pause, ended: AbortSignal): Promise<boolean> {
  let at = await positionOf(child)
  let stillSeconds = 0
  while (!ended.aborted) {
    await wait(LOOK_SECONDS, ended)
    const now = await positionOf(child)
    stillSeconds = now === at ? stillSeconds + LOOK_SECONDS : 0
    at = now
    if (ended.aborted || stillSeconds < STUCK_SECONDS) continue
    killGroup(child)
    return true
  }
  return false
}

/** How far the core has been read; `null`: it cannot be said, which is no progress either. */
async function positionOf({ pid }: ChildProcess): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/fdinfo/0`, 'utf8').catch(() => '')
  return /^pos:\s*(\d+)/m.exec(text)?.[1] ?? null
}

/** Only as long as it was not waited for: then its number cannot be another process's. */
function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (cause) {
    if (codeOf(cause) !== 'ESRCH') throw cause
  }
}

async function exitOf(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

function closeOutput({ stdout, stderr }: ChildProcess): void {
  stdout?.destroy()
  stderr?.destroy()
}

/** What is longer, is no answer; but the handler that writes it must not be made to wait. */
async function textFrom(stream: Readable | null): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of stream ?? []) {
      bytes += chunk.length
      if (bytes <= MOST_OUTPUT) chunks.push(chunk)
    }
  } catch {
    // It was closed by us. What came until then counts.
  }
  return Buffer.concat(chunks).toString()
}

const SHOWN_CHARACTERS = 500

function silent({ exitCode, signalCode }: ChildProcess, wasStuck: boolean, stderr: string): Verdict {
  const how = wasStuck
    ? `made no progress for ${STUCK_SECONDS} s and was killed`
    : `ended without a word (${signalCode ?? `exit code ${exitCode}`})`
  const said = stderr.trim().slice(-SHOWN_CHARACTERS)
  return { outcome: 'failed', reason: `the handler ${how}${said === '' ? '' : `: ${said}`}` }
}
