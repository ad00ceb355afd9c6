import { accessSync } from 'node:fs'
import { constants, open, readFile } from 'node:fs/promises'
import path from 'node:path'
import { messageOf, OperatorError } from '../../crash/errors.ts'
import { codeOf } from '../../crash/system-error.ts'
import type { OriginalSysctls } from '../../handoff/original-sysctls.ts'

/** The node's own, also from within a privileged container: these two are not namespaced. */
export const SYSCTL_FOLDER = '/proc/sys/kernel'

/** CORENAME_MAX_SIZE is 128 with its NUL; the kernel cuts what is longer, and says nothing. */
const MOST_PATTERN_BYTES = 127

/**
 * Throws an {@link OperatorError} if we may not write core_pattern in `folder`: `action` needs root. The
 * file's own mode is asked, for a folder of a test may be any user's.
 */
export function assertMayWrite(folder: string, action: string): void {
  try {
    accessSync(path.join(folder, 'core_pattern'), constants.W_OK)
  } catch (cause) {
    if (!['EACCES', 'EPERM'].includes(codeOf(cause))) return
    throw new OperatorError(`Cannot ${action}: it needs root`, `Run it with sudo.`, cause)
  }
}

/** The core dump settings as they are now. */
export type Sysctls = OriginalSysctls

export async function readSysctls(folder: string): Promise<Sysctls> {
  const [corePattern, limit] = await Promise.all([
    readLine(path.join(folder, 'core_pattern')),
    readLine(path.join(folder, 'core_pipe_limit')),
  ])
  return { corePattern, corePipeLimit: Number.parseInt(limit, 10) || 0 }
}

/** Returns when the kernel has taken it, whole. */
export async function writeCorePattern(folder: string, pattern: string): Promise<void> {
  const bytes = Buffer.byteLength(pattern)
  if (bytes > MOST_PATTERN_BYTES) {
    throw new OperatorError(
      `Cannot set core_pattern to "${pattern}": it has ${bytes} bytes, the kernel takes ${MOST_PATTERN_BYTES}`,
      'Choose a directory with a shorter path with --install-dir.',
    )
  }
  await writeLine(path.join(folder, 'core_pattern'), pattern)
}

export async function writeCorePipeLimit(folder: string, limit: number): Promise<void> {
  await writeLine(path.join(folder, 'core_pipe_limit'), String(limit))
}

async function readLine(file: string): Promise<string> {
  try {
    const [line = ''] = (await readFile(file, 'utf8')).split('\n')
    return line
  } catch (cause) {
    throw failure(`read "${file}"`, cause)
  }
}

async function writeLine(file: string, value: string): Promise<void> {
  try {
    await writeAtOnce(file, `${value}\n`)
  } catch (cause) {
    throw failure(`set "${file}" to "${value}"`, cause)
  }
  const taken = await readLine(file)
  if (taken !== value) {
    throw new OperatorError(
      `Cannot set "${file}" to "${value}": it then reads "${taken}"`,
      'Something else writes it at the same time: look for another crash collector, a sysctl operator, or systemd-sysctl.',
    )
  }
}

/**
 * One write(2): no moment at which the value is half there. Not truncated, for between the two it would be
 * empty.
 */
async function writeAtOnce(file: string, line: string): Promise<void> {
  await using handle = await open(file, constants.O_WRONLY)
  await handle.write(line, 0)
}

function failure(action: string, cause: unknown): OperatorError {
  const [state, hint] = KNOWN_FAILURES[codeOf(cause)] ?? [
    messageOf(cause),
    'Run `coredog-handler installer status` on the node.',
  ]
  return new OperatorError(`Cannot ${action}: ${state}`, hint, cause)
}

const PRIVILEGED = 'Run the installer as root, in a container with `securityContext.privileged: true`.'

const KNOWN_FAILURES: Readonly<Record<string, readonly [state: string, hint: string]>> = {
  EROFS: ['/proc/sys is read-only, so the container is not privileged', PRIVILEGED],
  EACCES: ['permission denied', PRIVILEGED],
  EPERM: ['not permitted', PRIVILEGED],
  ENOENT: [
    'there is no such setting',
    'The kernel was built without CONFIG_COREDUMP, or --proc-sys names the wrong folder.',
  ],
  EINVAL: [
    'the kernel refuses this value (EINVAL)',
    'Look into the log of the kernel (`dmesg`), and report it with the output of `uname -a`.',
  ],
}
