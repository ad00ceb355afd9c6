import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { elfCore } from '../fakes/elf-core.ts'
import { TRIAL_FOLDER } from './leftovers.ts'
import type { PlannedCrash } from './plan.ts'
import type { Random } from './random.ts'

/** A process that crashed: what it held, and how much of that the kernel writes. */
export interface CrashedProcess {
  readonly planned: PlannedCrash
  readonly core: Buffer
  readonly writtenBytes: number
}

const START = 0x400000n

/** Some of its memory is empty, as it is in every process. */
export function crashedProcess(planned: PlannedCrash, random: Random): CrashedProcess {
  const bytes = random.bytes(planned.memoryBytes, planned.comm)
  bytes.fill(0, Math.floor(bytes.length / 2), Math.floor(bytes.length * (0.5 + random.next() / 8)))
  // Some of its stack lies in each quarter, for it has four threads.
  const stackPointers = [3, 2, 1, 0].map(at => START + BigInt(Math.floor((bytes.length * at) / 4)))
  const core = elfCore({
    comm: planned.comm,
    threads: 4,
    stackPointers,
    memory: [{ address: START, bytes }],
  })
  const writtenBytes = planned.cutAt === null ? core.length : Math.floor(core.length * planned.cutAt)
  return { planned, core, writtenBytes }
}

// A pipe that a handler has opened once more by its number must still have its writer, or have had one: only
// a pipe without a name, as the kernel's, is such a pipe. Node would make a socket. The writer has fd 3, and
// no other process has.
const AS_THE_KERNEL = `
  core=$1 first=$2 pause=$3 rest=$4; shift 4
  exec env -i "$@" 3>&- < <(head -c "$first" "$core"; sleep "$pause"; tail -c "+$((first + 1))" "$core" | head -c "$rest")
`

/** Runs the handler as the kernel does: nothing in its environment, and the core through a pipe. */
export function startHandler(
  { planned, core, writtenBytes }: CrashedProcess,
  program: string,
  configFile: string,
  folder: string,
): ChildProcess {
  const file = path.join(folder, `${planned.comm}.core`)
  writeFileSync(file, core)
  const first = Math.floor(writtenBytes / 2)
  const feed = [file, first, planned.pauseMilliseconds / 1000, writtenBytes - first].map(String)
  // A pid that no process can have, so nothing is known of it.
  const kernel = ['4194305', planned.comm, '1763700000', '11', '4194305', '1', '0', '']
  const handler = [process.execPath, program, `--config=${configFile}`, ...kernel]
  return spawn('bash', ['-c', AS_THE_KERNEL, 'bash', ...feed, ...handler], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    cwd: '/',
    env: { PATH: process.env.PATH, [TRIAL_FOLDER]: folder },
  })
}

/** Resolves when no process writes to the handler any more: the kernel would let the crashed process go. */
export async function letGo(child: ChildProcess): Promise<void> {
  const writer = child.stdio[3] as Readable
  if (!writer.readableEnded) await once(writer.resume(), 'end')
}

/** How a process ended. */
export interface Ended {
  readonly exitCode: number | null
  readonly stderr: string
}

/** Rejects if it does not end in time; then it is killed. */
export async function ended(child: ChildProcess, withinSeconds: number): Promise<Ended> {
  const said: Buffer[] = []
  child.stderr?.on('data', (chunk: Buffer) => said.push(chunk))
  const tooLong = setTimeout(() => child.kill('SIGABRT'), withinSeconds * 1000)
  const [exitCode, signal] = (await once(child, 'exit')) as [number | null, string | null]
  clearTimeout(tooLong)
  if (signal === 'SIGABRT') throw new Error(`process ${child.pid} did not end in ${withinSeconds} s`)
  return { exitCode, stderr: Buffer.concat(said).toString() }
}
