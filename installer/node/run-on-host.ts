import { execFile } from 'node:child_process'
import type { Host } from '../../handoff/host.ts'

/** How a program of the node ended. */
export interface Outcome {
  /** `null`: it could not be started, or it was killed. */
  readonly exitCode: number | null
  /** ENOENT, EACCES … when it could not be started. */
  readonly code?: string
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs a program of the node, by its path there, in the node's own root: with its loader and its libraries.
 * It is killed after `deadlineSeconds`, 30 if nothing is said.
 */
export type RunOnHost = (
  command: readonly [string, ...string[]],
  deadlineSeconds?: number,
) => Promise<Outcome>

const DEADLINE_SECONDS = 30
// A program that hangs in a mounted file system outlives SIGKILL, and its end cannot be waited for.
const KILL_MS = 1_000

/**
 * On the node itself a program is just started. From the container it is started through chroot(8), which
 * has to be in the image: Node has no chroot(2), and the node's own chroot would need the node's loader.
 */
export function runOnHost(host: Host): RunOnHost {
  return host.root === '/'
    ? runHere
    : (command, deadlineSeconds) => runHere(['chroot', host.root, ...command], deadlineSeconds)
}

/** Runs a program of our own container, and is otherwise as {@link RunOnHost}. */
export function runHere(
  [program, ...args]: readonly [string, ...string[]],
  deadlineSeconds = DEADLINE_SECONDS,
): Promise<Outcome> {
  const deadlineMs = deadlineSeconds * 1000
  // As the kernel starts a handler: what our pod has in its environment must not make a self-test succeed.
  const env = { PATH: process.env.PATH }
  const options = { timeout: deadlineMs, killSignal: 'SIGKILL', cwd: '/', maxBuffer: 64 * 1024, env } as const
  return new Promise(resolve => {
    const said = { stdout: '', stderr: '' }
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      clearTimeout(giveUp)
      const code = error?.code
      resolve({
        exitCode: error === null ? 0 : typeof code === 'number' ? code : null,
        ...(typeof code === 'string' && { code }),
        stdout,
        stderr,
      })
    })
    child.stdout?.on('data', text => (said.stdout += text))
    child.stderr?.on('data', text => (said.stderr += text))
    const giveUp = setTimeout(() => {
      child.unref()
      resolve({ exitCode: null, ...said })
    }, deadlineMs + KILL_MS)
  })
}
