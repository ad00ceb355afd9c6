import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** What the kernel does with cores: `core_pattern` and `core_pipe_limit`. The same for the whole machine. */
export interface KernelSettings {
  readonly pattern: string
  readonly pipeLimit: number
}

/** What the kernel begins with. */
export const KERNEL_DEFAULTS: KernelSettings = { pattern: 'core', pipeLimit: 0 }

const PATTERN = '/proc/sys/kernel/core_pattern'
const PIPE_LIMIT = '/proc/sys/kernel/core_pipe_limit'

export function readKernelSettings(): KernelSettings {
  return { pattern: read(PATTERN), pipeLimit: Number(read(PIPE_LIMIT)) }
}

/** The limit first: a crash between the two writes meets the old handler with a limit it can bear. */
export function writeKernelSettings({ pattern, pipeLimit }: KernelSettings): void {
  write(PIPE_LIMIT, String(pipeLimit))
  write(PATTERN, pattern)
}

/**
 * Whether a run of ours left it on a machine whose files are other ones by now: it names our handler, which is not
 * there. No core can be kept by it, and no installer would have found such a one.
 */
export function isLeftOver({ pattern }: KernelSettings): boolean {
  const program = /^\|(\S+)/.exec(pattern)?.[1] ?? ''
  return path.basename(program) === 'coredog-handler' && !existsSync(program)
}

function read(file: string): string {
  return readFileSync(file, 'utf8').replace(/\n$/, '')
}

/** Reads back: the kernel cuts a pattern of more than 127 bytes, and says nothing. */
function write(file: string, value: string): void {
  writeFileSync(file, value)
  const written = read(file)
  if (written !== value) throw new Error(`Cannot set "${file}" to "${value}": it is "${written}"`)
}
