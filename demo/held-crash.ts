import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { addAbortSignal, type Readable } from 'node:stream'
import { eventually } from '../test/e2e/eventually.ts'
import type { Victim } from './victim.ts'

/** A process that crashed and stands still, as the notes of a core tell of it. */
export interface HeldCrash {
  readonly pid: number
  /** struct elf_prstatus of the thread. */
  readonly status: Buffer
  /** siginfo_t. */
  readonly signal: Buffer
  /** Lets the crash end the process. */
  release(): Promise<void>
}

const WITHIN_SECONDS = 10
const SIGNAL_BYTES = 128

// Of struct elf_prstatus: its size, and where in it the registers are that /proc/<pid>/syscall tells.
const STATUS: Partial<Record<string, { bytes: number; stackAt: number; instructionAt: number }>> = {
  x64: { bytes: 336, stackAt: 112 + 19 * 8, instructionAt: 112 + 16 * 8 },
  arm64: { bytes: 392, stackAt: 112 + 31 * 8, instructionAt: 112 + 32 * 8 },
}

/** Makes the program crash, and holds it there. */
export async function holdCrash(victim: Victim): Promise<HeldCrash> {
  return await (victim.compiled ? holdFault : holdBeforeSignal)(victim)
}

/** The program itself tells of its fault, and stops (held.c). */
async function holdFault(victim: Victim): Promise<HeldCrash> {
  const { bytes } = statusLayout()
  victim.process.stdin.end()
  const told = await readWhole(victim.process.stdout, bytes + SIGNAL_BYTES)
  await toBe(victim, 'T')
  const [status, signal] = [told.subarray(0, bytes), told.subarray(bytes)]
  return { pid: victim.pid, status, signal, release: () => goOn(victim) }
}

/** A program that knows nothing of us stands where the signal will meet it. */
async function holdBeforeSignal(victim: Victim): Promise<HeldCrash> {
  await toBe(victim, 'S')
  victim.process.kill('SIGSTOP')
  await toBe(victim, 'T')
  const { pid } = victim
  const release = async () => {
    victim.process.kill('SIGSEGV')
    await goOn(victim)
  }
  return { pid, status: stoppedThread(pid), signal: ownSignal(), release }
}

/**
 * Of all registers the kernel tells the last two numbers of proc_pid_syscall(5), stack and instruction
 * pointer.
 */
function stoppedThread(pid: number): Buffer {
  const { bytes, stackAt, instructionAt } = statusLayout()
  const [stack = '0', instruction = '0'] = readFileSync(`/proc/${pid}/syscall`, 'utf8')
    .trim()
    .split(' ')
    .slice(-2)
  const status = Buffer.alloc(bytes)
  status.writeInt32LE(constants.signals.SIGSEGV, 0)
  status.writeInt16LE(constants.signals.SIGSEGV, 12)
  status.writeInt32LE(pid, 32)
  status.writeBigUInt64LE(BigInt(stack), stackAt)
  status.writeBigUInt64LE(BigInt(instruction), instructionAt)
  return status
}

/** What the kernel tells of a kill(2) of ours: SI_USER is code 0, then sender and user. */
function ownSignal(): Buffer {
  const signal = Buffer.alloc(SIGNAL_BYTES)
  signal.writeInt32LE(constants.signals.SIGSEGV, 0)
  signal.writeInt32LE(process.pid, 16)
  signal.writeUInt32LE(process.getuid?.() ?? 0, 20)
  return signal
}

function statusLayout() {
  const layout = STATUS[process.arch]
  if (layout === undefined) throw new Error(`Cannot take a core on ${process.arch}`)
  return layout
}

/** Rejects if the program ends before it has told, or does not tell in time. */
async function readWhole(stream: Readable, bytes: number): Promise<Buffer> {
  addAbortSignal(AbortSignal.timeout(WITHIN_SECONDS * 1000), stream)
  let told = Buffer.alloc(0)
  for await (const chunk of stream) {
    told = Buffer.concat([told, chunk])
    if (told.length >= bytes) return told
  }
  throw new Error(`Cannot hold the crash: the program ended after ${told.length} of ${bytes} bytes about it`)
}

/** Waits for a state of proc_pid_stat(5). */
async function toBe({ pid, program }: Victim, state: 'S' | 'T'): Promise<void> {
  await eventually(`state ${state} of "${program}"`, WITHIN_SECONDS, () => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat[stat.lastIndexOf(')') + 2] === state ? true : undefined
  })
}

async function goOn({ process: child }: Victim): Promise<void> {
  const exited = once(child, 'exit')
  child.kill('SIGCONT')
  await exited
}
