import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync } from 'node:fs'
import path from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { promisify } from 'node:util'

/** A program that waits, and can be made to crash. */
export interface Victim {
  readonly program: string
  readonly process: ChildProcessByStdio<Writable, Readable, null>
  readonly pid: number
  /**
   * Whether it is ours, and crashes by itself; else it is one that every system has, for want of a C
   * compiler.
   */
  readonly compiled: boolean
}

/** Starts one in `folder`; one that is `held` stops when it crashes, if a C compiler is there (held.c). */
export async function startVictim(folder: string, { held }: { held: boolean }): Promise<Victim> {
  const program = path.join(folder, 'checkout')
  const compiled = await compile(program, held ? ['victim.c', 'held.c'] : ['victim.c'])
  if (!compiled) copyFileSync('/bin/sleep', program)
  // Where one program is all of coreutils, its name says which.
  const [args, argv0] = compiled ? [[], program] : [['60'], 'sleep']
  const child = spawn(program, args, { argv0, cwd: folder, stdio: ['pipe', 'pipe', 'ignore'] })
  await once(child, 'spawn')
  return { program, process: child, pid: child.pid ?? 0, compiled }
}

/** Resolves when it has crashed, and the kernel is done with it. */
export async function crash({ process: child, compiled }: Victim): Promise<void> {
  const exited = once(child, 'exit')
  if (compiled) child.stdin.end()
  else child.kill('SIGSEGV')
  await exited
}

async function compile(program: string, sources: readonly string[]): Promise<boolean> {
  try {
    const files = sources.map(source => path.join(import.meta.dirname, source))
    await promisify(execFile)('cc', ['-g', '-o', program, ...files])
    return true
  } catch {
    // No compiler here: a program that every system has will do, killed by the same signal.
    return false
  }
}
