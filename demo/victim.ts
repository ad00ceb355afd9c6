import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, readlinkSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { eventually } from '../test/e2e/eventually.ts'

/** A program that waits, and can be made to crash. */
export interface Victim {
  readonly program: string
  readonly process: ChildProcess
  readonly pid: number
  /** Resolves when it has crashed, and the kernel is done with it. */
  crash(): Promise<void>
}

/** Starts one in `folder`, which is also where the kernel may leave its core. */
export async function startVictim(folder: string): Promise<Victim> {
  const program = path.join(folder, 'checkout')
  const compiled = await compile(program)
  if (!compiled) copyFileSync('/bin/sleep', program)
  // The limit is for kernels that write a file; for a pipe it does not count.
  const child = spawn(
    '/bin/sh',
    ['-c', 'ulimit -c unlimited; exec "$0" "$@"', program, ...(compiled ? [] : ['60'])],
    {
      cwd: folder,
      stdio: ['pipe', 'ignore', 'ignore'],
    },
  )
  await started(child, program)
  const { pid = 0 } = child
  const crash = async () => {
    const exited = once(child, 'exit')
    if (compiled) child.stdin?.end()
    else child.kill('SIGSEGV')
    await exited
  }
  return { program, process: child, pid, crash }
}

async function compile(program: string): Promise<boolean> {
  try {
    await promisify(execFile)('cc', ['-g', '-o', program, path.join(import.meta.dirname, 'victim.c')])
    return true
  } catch {
    // No compiler here: a program that everybody has will do, killed by the same signal.
    return false
  }
}

/** The shell becomes the program; before that, a crash would be the shell's. */
async function started({ pid }: ChildProcess, program: string): Promise<void> {
  await eventually(`"${program}"`, 10, () =>
    readlinkSync(`/proc/${pid}/exe`) === program ? true : undefined,
  )
}
