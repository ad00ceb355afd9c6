import { readFileSync, writeFileSync } from 'node:fs'

/** What the kernel does with cores: `core_pattern` and `core_pipe_limit`. The same for the whole machine. */
export interface KernelSettings {
  readonly pattern: string
  readonly pipeLimit: number
}

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

function read(file: string): string {
  return readFileSync(file, 'utf8').replace(/\n$/, '')
}

/** Reads back: the kernel cuts a pattern of more than 127 bytes, and says nothing. */
function write(file: string, value: string): void {
  writeFileSync(file, value)
  const written = read(file)
  if (written !== value) throw new Error(`Cannot set "${file}" to "${value}": it is "${written}"`)
}
