import path from 'node:path'
import { execa } from 'execa'

/** A frame as a debugger tells it: a function that stands on the stack itself, and is in no other one. */
export interface DebuggerFrame {
  readonly address: bigint
  /** `null`: it has no name for what is there. */
  readonly name: string | null
  /** What was inlined there, the innermost first; elfutils are not asked for it. */
  readonly inlined?: readonly (string | null)[]
}

/** By thread id, the innermost frame first. */
export type Stacks = ReadonlyMap<number, readonly DebuggerFrame[]>

/** A core, and where the files are that it was made of. */
export interface Crashed {
  readonly program: string
  readonly core: string
  /** What the process had as its root; the machine's own unless it is said. */
  readonly root?: string
}

const GDB_STACKS = path.join(import.meta.dirname, 'gdb-stacks.py')
/** Of libraries, which not every machine has: they would name what was inlined there. */
const WITHOUT_DEBUG_SYMBOLS = ['-iex', 'set debug-file-directory /var/empty']

export async function stacksOfGdb({ program, core, root }: Crashed): Promise<Stacks> {
  const more = root === undefined ? [] : ['-iex', `set sysroot ${root}`]
  const settings = ['past-main', 'past-entry'].flatMap(name => ['-iex', `set backtrace ${name} on`])
  const options = ['--batch', '--nx', ...WITHOUT_DEBUG_SYMBOLS, ...more, ...settings, '-x', GDB_STACKS]
  const { stdout } = await execa('gdb', [...options, program, core])
  const line = stdout.split('\n').find(line => line.startsWith('STACKS ')) ?? 'STACKS []'
  const threads: { tid: number; frames: GdbFrame[] }[] = JSON.parse(line.slice('STACKS '.length))
  return new Map(
    threads.map(({ tid, frames }) => [
      tid,
      frames.map(({ address, ...frame }) => ({ ...frame, address: BigInt(address) })),
    ]),
  )
}

interface GdbFrame extends Omit<DebuggerFrame, 'address'> {
  readonly address: string
}

/**
 * It ends with an error where a stack is longer than asked for, or leads nowhere; what it said until then counts.
 * Its names are those of the symbols: gdb tells Rust's and C++'s by the debug information instead.
 */
export async function stacksOfElfutils({ program, core }: Crashed): Promise<Stacks> {
  const options = ['--raw', '-n', '24', '--debuginfo-path=/var/empty']
  const files = [`--core=${core}`, `--executable=${program}`]
  const raw = await execa('eu-stack', [...options, ...files], { reject: false, env: { DEBUGINFOD_URLS: '' } })
  const { stdout } = await execa('c++filt', { input: raw.stdout })
  return new Map(stdout.split(/^TID /m).slice(1).map(stackIn))
}

function stackIn(text: string): [tid: number, frames: readonly DebuggerFrame[]] {
  const frames = text.matchAll(/^#\d+ +(0x[0-9a-f]+)(?: - 1)?(?: (\S.*))?$/gm)
  return [
    Number.parseInt(text, 10),
    [...frames].map(([, address = '0', name]) => ({ address: BigInt(address), name: name ?? null })),
  ]
}
