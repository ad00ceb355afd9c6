import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Logger } from 'pino'
import { expandPipePattern, type PatternValues, writesFiles } from '../crash/core-pattern.ts'
import { messageOf, OperatorError } from '../crash/errors.ts'
import type { KernelArgs } from '../crash/kernel-args.ts'
import { decodeOriginalSysctls, ORIGINAL_SYSCTLS_FILE } from '../handoff/original-sysctls.ts'
import type { CorePipe } from './core/core-pipe.ts'
import type { Observed } from './identity/observe.ts'

/** Hands a crash that is not ours to the handler that was there before us. */
export type Forward = (args: KernelArgs, observed: Observed, pipe: CorePipe) => Promise<Forwarded>

type Forwarded = { readonly to: string } | { readonly dropped: string }

/** One line for the outcome. `whose` finds the crash again. */
export function logForwarded(forwarded: Forwarded, whose: object, log: Logger): void {
  if ('to' in forwarded) log.info({ ...whose, to: forwarded.to }, 'crash forwarded')
  else log.info({ ...whose, reason: forwarded.dropped }, 'crash skipped')
}

/**
 * Forwards by the core_pattern that the installer found and keeps in `stateDir`. The previous handler gets
 * the kernel's own pipe, so it is as if the kernel had started it.
 */
export function forwardByOriginal(stateDir: string): Forward {
  return async (args, observed, pipe) => {
    const pattern = await originalPattern(stateDir)
    const command = pattern === null ? null : expandPipePattern(pattern, valuesOf(args, observed))
    if (command === null) {
      pipe.close()
      return {
        dropped: pattern === null ? 'no previous core_pattern is known' : whyNotForwarded(pattern),
      }
    }
    await start(command, args, pipe)
    return { to: command[0] }
  }
}

/** A file of root's in a folder that a process chooses has been a hole in more than one crash handler. */
function whyNotForwarded(pattern: string): string {
  return writesFiles(pattern)
    ? `the previous core_pattern "${pattern}" wrote a file, which CoreDog does not: collect.hostProcesses: collect keeps such cores`
    : `the previous core_pattern "${pattern}" is no program`
}

async function originalPattern(stateDir: string): Promise<string | null> {
  const file = path.join(stateDir, ORIGINAL_SYSCTLS_FILE)
  const text = await readFile(file, 'utf8').catch(() => '')
  return decodeOriginalSysctls(text)?.corePattern ?? null
}

/**
 * Gives the pipe away: our own end is closed as soon as the child has it, or the kernel would wait for us
 * too. Where something was taken from it, that comes first, by way of us.
 */
async function start(
  [program, ...args]: readonly [string, ...string[]],
  { pidFd }: KernelArgs,
  pipe: CorePipe,
): Promise<void> {
  // It brings twenty modules of Node's with it, and most crashes are not forwarded.
  const { spawn } = await import('node:child_process')
  const child = spawn(program, args, {
    stdio: [
      pipe.taken.length === 0 ? pipe.fd : 'pipe',
      'ignore',
      'ignore',
      ...(pidFd === undefined ? [] : [pidFd]),
    ],
    cwd: '/',
    env: {},
    detached: true,
  })
  try {
    await once(child, 'spawn')
    if (child.stdin !== null) await handOn(pipe, child.stdin)
  } catch (cause) {
    throw new OperatorError(
      `Cannot forward the crash to "${program}": ${messageOf(cause)}`,
      'The handler that was there before CoreDog is gone: set collect.hostProcesses to collect or drop.',
      cause,
    )
  } finally {
    pipe.close()
  }
  child.unref()
}

/** Whoever reads it may leave when it likes. */
async function handOn({ fd, taken }: CorePipe, reader: Writable): Promise<void> {
  async function* core() {
    yield* taken
    yield* createReadStream('', { fd, autoClose: false })
  }
  await pipeline(core, reader).catch(() => undefined)
}

// What the pidfd becomes in the child, as the kernel itself would have numbered it.
const CHILD_PIDFD = '3'

function valuesOf(args: KernelArgs, observed: Observed): PatternValues {
  const { pid, comm, crashedAt, signal, threadId, dumpable, coreLimitBytes, pidFd } = args
  const executable = observed.executable ?? comm
  return defined({
    P: pid,
    p: observed.namespacedPid ?? pid,
    I: threadId,
    i: threadId,
    u: observed.uid,
    g: observed.gid,
    s: signal,
    t: crashedAt === null ? undefined : crashedAt.getTime() / 1000,
    h: hostname(),
    e: comm,
    f: path.basename(executable),
    E: executable.replaceAll('/', '!'),
    d: dumpable,
    c: coreLimitBytes === Number.POSITIVE_INFINITY ? '18446744073709551615' : coreLimitBytes,
    F: pidFd === undefined ? undefined : CHILD_PIDFD,
  })
}

function defined(values: Record<string, string | number | undefined>): PatternValues {
  return Object.fromEntries(
    Object.entries(values).flatMap(([letter, value]) =>
      value === undefined ? [] : [[letter, String(value)]],
    ),
  )
}
