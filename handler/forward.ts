import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import type { Logger } from 'pino'
import { expandPipePattern, type PatternValues, writesFiles } from '../crash/core-pattern.ts'
import { messageOf, OperatorError } from '../crash/errors.ts'
import type { KernelArgs } from '../crash/kernel-args.ts'
import { decodeOriginalSysctls, ORIGINAL_SYSCTLS_FILE } from '../handoff/original-sysctls.ts'
import type { CorePipe } from './core/core-pipe.ts'
import type { Observed } from './identity/observe.ts'
import { passOn } from './pass-on.ts'

/**
 * Hands a crash that is not ours to the handler that was there before us, and lets it go. `taken` is what was
 * read of it, in order: the rest is still in `pipe`, which is open. It is overwritten.
 */
export type Forward = (
  args: KernelArgs,
  observed: Observed,
  pipe: CorePipe,
  taken: readonly Buffer[],
) => Promise<Forwarded>

type Forwarded = { readonly to: string } | { readonly dropped: string }

/** One line for the outcome. `whose` finds the crash again. */
export function logForwarded(forwarded: Forwarded, whose: object, log: Logger): void {
  if ('to' in forwarded) log.info({ ...whose, to: forwarded.to }, 'crash forwarded')
  else log.info({ ...whose, reason: forwarded.dropped }, 'crash skipped')
}

/** Forwards by the core_pattern that the installer found and keeps in `stateDir`. */
export function forwardByOriginal(stateDir: string): Forward {
  return async (args, observed, pipe, taken) => {
    try {
      const pattern = await originalPattern(stateDir)
      const command = pattern === null ? null : expandPipePattern(pattern, valuesOf(args, observed))
      if (command === null) return { dropped: whyNotForwarded(pattern) }
      if (taken.some(({ length }) => length > 0)) await giveCopy(command, args, pipe, taken)
      else await give(command, args, pipe)
      return { to: command[0] }
    } finally {
      pipe.close()
      for (const piece of taken) piece.fill(0)
    }
  }
}

/** A file of root's in a folder that a process chooses has been a hole in more than one crash handler. */
function whyNotForwarded(pattern: string | null): string {
  if (pattern === null) return 'no previous core_pattern is known'
  return writesFiles(pattern)
    ? `the previous core_pattern "${pattern}" wrote a file, which CoreDog does not: collect.hostProcesses: collect keeps such cores`
    : `the previous core_pattern "${pattern}" is no program`
}

async function originalPattern(stateDir: string): Promise<string | null> {
  const file = path.join(stateDir, ORIGINAL_SYSCTLS_FILE)
  const text = await readFile(file, 'utf8').catch(() => '')
  return decodeOriginalSysctls(text)?.corePattern ?? null
}

type Command = readonly [string, ...string[]]

/**
 * The previous handler gets the kernel's own pipe, so it is as if the kernel had started it. Our end is closed
 * as soon as it has it, or the kernel would wait for us too.
 */
async function give(command: Command, args: KernelArgs, pipe: CorePipe): Promise<void> {
  const child = await start(command, args, pipe.fd)
  child.unref()
}

/**
 * The previous handler gets what we have read, and then what is in the kernel's pipe. It may look at the process
 * until it ends, so that is waited for, as by the kernel: however long it takes. If it does not read to the end,
 * the process is let go, as by the kernel, too.
 */
async function giveCopy(
  command: Command,
  args: KernelArgs,
  pipe: CorePipe,
  taken: readonly Buffer[],
): Promise<void> {
  const { to: child, isWhole } = await passOn(taken, pipe, reader => start(command, args, reader))
  const isThere = child.exitCode === null && child.signalCode === null
  if (isWhole && isThere) await once(child, 'exit')
  child.unref()
}

async function start(
  [program, ...args]: Command,
  { pidFd }: KernelArgs,
  stdin: number,
): Promise<ChildProcess> {
  // It brings twenty modules of Node's with it, and most crashes are not forwarded.
  const { spawn } = await import('node:child_process')
  const child = spawn(program, args, {
    stdio: [stdin, 'ignore', 'ignore', ...(pidFd === undefined ? [] : [pidFd])],
    cwd: '/',
    env: {},
    detached: true,
  })
  try {
    await once(child, 'spawn')
  } catch (cause) {
    throw new OperatorError(
      `Cannot forward the crash to "${program}": ${messageOf(cause)}`,
      'The handler that was there before CoreDog is gone: set collect.hostProcesses to collect or drop.',
      cause,
    )
  }
  return child
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
