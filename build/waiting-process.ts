import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { constants } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { filesInMaps } from '../crash/mapped-file.ts'
import { mappingsInMaps } from '../crash/mapping.ts'
import type { Evidence, OpenModule, Piece } from '../handler/why/evidence.ts'

const MOST_TRIES = 100
const TRY_SECONDS = 0.02
const STACK_BYTES = 64 * 1024

/** What there would be to look at if a program had crashed that waits for its input; an ordinary user may, too. */
export async function evidenceOfWaiting(): Promise<Evidence> {
  const program = spawn('/bin/cat', { stdio: ['pipe', 'ignore', 'ignore'] })
  await once(program, 'spawn')
  try {
    return evidenceOf(`/proc/${program.pid}`, await whereItWaits(`/proc/${program.pid}/syscall`))
  } finally {
    program.kill('SIGKILL')
  }
}

interface Place {
  readonly stackPointer: bigint
  readonly instruction: bigint
}

/** The last two words of proc_pid_syscall(5), of a process that waits in one. */
async function whereItWaits(file: string): Promise<Place> {
  for (let attempt = 0; attempt < MOST_TRIES; attempt += 1) {
    const [call, ...words] = readFileSync(file, 'latin1').trim().split(' ')
    const [stackPointer, instruction] = words.slice(-2)
    // read(2): before that it is still being loaded.
    if (call === READ[process.arch] && stackPointer !== undefined && instruction !== undefined)
      return { stackPointer: BigInt(stackPointer), instruction: BigInt(instruction) }
    await setTimeout(TRY_SECONDS * 1000)
  }
  throw new Error('it does not wait')
}

const READ: Readonly<Record<string, string>> = { x64: '0', arm64: '63' }

function evidenceOf(proc: string, place: Place): Evidence {
  const maps = readFileSync(`${proc}/maps`)
  const [machine, status] = process.arch === 'x64' ? [62, x64Status(place)] : [183, arm64Status(place)]
  const signal = constants.signals.SIGABRT
  return {
    ...{ machine, signal, info: { number: signal, code: -6, address: 0n } },
    ...{ call: null, owner: { workload: 'checkout', container: 'app' }, threadNames: new Map() },
    ...{ statuses: [status], mappings: mappingsInMaps(maps) },
    ...{ pieces: [stackAbove(place, `${proc}/mem`)], modules: openModules(maps) },
  }
}

// NT_PRSTATUS: the registers begin at 112, in the order of user_regs_struct and user_pt_regs.
function x64Status({ stackPointer, instruction }: Place): Buffer {
  const status = Buffer.alloc(336)
  status.writeBigUInt64LE(instruction, 112 + 16 * 8)
  status.writeBigUInt64LE(stackPointer, 112 + 19 * 8)
  return status
}

function arm64Status({ stackPointer, instruction }: Place): Buffer {
  const status = Buffer.alloc(392)
  status.writeBigUInt64LE(stackPointer, 112 + 31 * 8)
  status.writeBigUInt64LE(instruction, 112 + 32 * 8)
  return status
}

function stackAbove({ stackPointer }: Place, memory: string): Piece {
  const fd = openSync(memory, 'r')
  const bytes = Buffer.alloc(STACK_BYTES)
  try {
    return {
      address: stackPointer,
      bytes: bytes.subarray(0, readSync(fd, bytes, 0, STACK_BYTES, stackPointer)),
    }
  } finally {
    closeSync(fd)
  }
}

/** They are open until the training ends. */
function openModules(maps: Buffer): OpenModule[] {
  const byPath = Map.groupBy(filesInMaps(maps), ({ path }) => path)
  return [...byPath].map(([path, ranges]) => ({
    ...{ path, ranges, fd: openSync(path, 'r'), sizeBytes: statSync(path).size },
  }))
}
