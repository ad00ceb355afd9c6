import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { codeOf } from '../../crash/system-error.ts'
import { anySignal } from '../../time/any-signal.ts'
import type { Environment } from './core-sight-config.ts'

/** How a script ended. */
export interface ScriptEnd {
  /** `exited` with 0 is the only one that is well. */
  readonly how: 'exited' | 'killed by a signal' | 'timed out' | 'stopped' | 'not started'
  readonly exitCode: number | null
  /** ENOENT, E2BIG … when it could not be started. */
  readonly code?: string
  /** At most 64 KiB of each. */
  readonly stdout: string
  readonly stderr: string
}

interface ScriptRun {
  readonly command: readonly [string, ...string[]]
  readonly env: Environment
  readonly timeoutSeconds: number
}

const LONGEST_OUTPUT_BYTES = 64 * 1024

/**
 * Runs a script in a process group of its own, to its end and that of every other process that holds its
 * output, for `timeoutSeconds`, or until `signal`: then the whole group is killed. A process that left the
 * group and still holds the output is not waited for.
 */
export async function runScript(
  { command, env, timeoutSeconds }: ScriptRun,
  signal: AbortSignal,
): Promise<ScriptEnd> {
  const [program, ...args] = command
  const timeout = AbortSignal.timeout(timeoutSeconds * 1000)
  const ending = anySignal([signal, timeout])
  if (ending.aborted) return { how: 'stopped', exitCode: null, stdout: '', stderr: '' }
  const child = spawn(program, args, { cwd: '/', detached: true, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr] = [startOf(child.stdout), startOf(child.stderr)]
  const kill = () => killGroup(child)
  ending.addEventListener('abort', kill, { once: true })
  const end = await endOf(child)
  ending.removeEventListener('abort', kill)
  const how = signal.aborted ? 'stopped' : timeout.aborted ? 'timed out' : end.how
  return { ...end, how, stdout: stdout(), stderr: stderr() }
}

function endOf(child: ChildProcess): Promise<Pick<ScriptEnd, 'how' | 'exitCode' | 'code'>> {
  return new Promise(resolve => {
    child.on('error', ({ code = 'unknown' }: NodeJS.ErrnoException) =>
      resolve({ how: 'not started', exitCode: null, code }),
    )
    child.on('close', exitCode =>
      resolve({ how: exitCode === null ? 'killed by a signal' : 'exited', exitCode }),
    )
  })
}

/**
 * Kills the group, and lets go of the output: a process that made a session of its own may hold it for ever.
 */
function killGroup({ pid, stdout, stderr }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // All of the group have ended, and a process outside of it holds the output.
    if (codeOf(error) !== 'ESRCH') throw error
  }
  stdout?.destroy()
  stderr?.destroy()
}

/** Keeps the start of `stream`, and reads the rest, so that its writer does not wait for us. */
function startOf(stream: Readable): () => string {
  const chunks: Buffer[] = []
  let bytes = 0
  stream.on('data', (chunk: Buffer) => {
    if (bytes < LONGEST_OUTPUT_BYTES) chunks.push(chunk)
    bytes += chunk.length
  })
  return () => Buffer.concat(chunks).toString('utf8', 0, LONGEST_OUTPUT_BYTES)
}
