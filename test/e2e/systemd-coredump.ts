import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { findProgram } from '../installed-program.ts'
import { eventually } from './eventually.ts'

const PROGRAMS = ['/usr/lib/systemd/systemd-coredump', '/lib/systemd/systemd-coredump']

// Of the first the kernel starts the program, the second is where its other half listens, and keeps cores.
const SOCKETS = '/run/systemd'
const CORES = '/var/lib/systemd/coredump'

/** Why it cannot be had here; `null`: it can. */
export function whyNoSystemdCoredump(): string | null {
  if (programFile() === undefined) return 'systemd-coredump is not installed'
  const missing = ['setpriv', 'unshare', 'mount', 'systemd-socket-activate'].filter(
    name => findProgram(name) === null,
  )
  const folders = [SOCKETS, CORES].filter(folder => !existsSync(folder))
  return missing.length + folders.length === 0 ? null : `it needs ${[...missing, ...folders].join(', ')}`
}

/**
 * systemd's, in mounts of its own, so that the machine's goes on as it is: what the kernel starts hands the pipe to
 * another process over a socket, and that one keeps the core.
 */
export class SystemdCoredump implements AsyncDisposable {
  /** What core_pattern starts. */
  readonly program: string
  readonly #cores: string
  readonly #end: () => Promise<void>

  private constructor(program: string, cores: string, end: () => Promise<void>) {
    this.program = program
    this.#cores = cores
    this.#end = end
  }

  static async start(dir: string): Promise<SystemdCoredump> {
    const [sockets, cores, program] = ['sockets', 'cores', 'systemd'].map(name => path.join(dir, name)) as [
      string,
      string,
      string,
    ]
    for (const folder of [sockets, cores]) mkdirSync(folder)
    writeFileSync(
      program,
      `#!/bin/sh\nexec unshare --mount sh -c '${mounted(sockets, SOCKETS)} "$@"' sh "$@"\n`,
    )
    chmodSync(program, 0o755)
    const socket = path.join(sockets, 'coredump')
    const activate = `systemd-socket-activate --seqpacket --accept -l ${socket} ${programFile()}`
    const script = `${mounted(cores, CORES, activate)}`
    const server = spawn('setpriv', ['--pdeathsig', 'TERM', 'unshare', '--mount', 'sh', '-c', script], {
      stdio: 'ignore',
    })
    const gone = once(server, 'exit')
    await eventually('the socket of systemd-coredump', 10, () => existsSync(socket) || undefined)
    return new SystemdCoredump(program, cores, async () => {
      server.kill()
      await gone
    })
  }

  /** The core of process `pid`, as it is kept: by zstd. */
  async core(pid: number): Promise<string> {
    return await eventually(`the core of process ${pid} at systemd-coredump`, 60, () => {
      const name = readdirSync(this.#cores).find(name => name.split('.').includes(String(pid)))
      return name === undefined || name.startsWith('.') ? undefined : path.join(this.#cores, name)
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end()
  }
}

function programFile(): string | undefined {
  return PROGRAMS.find(file => existsSync(file))
}

/** A shell's text: `command` with `source` where `target` is for all others. */
function mounted(source: string, target: string, command = programFile()): string {
  return `mount --bind ${source} ${target} && exec ${command}`
}
