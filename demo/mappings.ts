import { readFileSync } from 'node:fs'

/** A mapping of a process, as proc_pid_smaps(5) tells of it. */
export interface Mapping {
  readonly start: bigint
  readonly end: bigint
  /** Such as `r-xp`. */
  readonly permissions: string
  readonly fileOffset: bigint
  /** The file behind it; `null`: there is none. */
  readonly file: string | null
  /** Whether the process has pages of its own here, which no file has. */
  readonly hasOwnPages: boolean
  /** Of a device, or not to be dumped, VmFlags `io` and `dd`. */
  readonly isOutside: boolean
}

const FIRST_LINE = /^([0-9a-f]+)-([0-9a-f]+) ([rwxps-]{4}) ([0-9a-f]+) \S+ ([0-9]+) *(.*)$/

/** In the order of their addresses. */
export function mappingsOf(pid: number): Mapping[] {
  const lines = readFileSync(`/proc/${pid}/smaps`, 'utf8').split('\n')
  const starts = lines.flatMap((line, index) => (FIRST_LINE.test(line) ? [index] : []))
  return (
    starts
      .map((at, index) => mappingIn(lines.slice(at, starts[index + 1])))
      // The kernel's own page, [vsyscall], is in no core.
      .filter(({ start }) => start < 2n ** 63n)
  )
}

function mappingIn([first = '', ...facts]: string[]): Mapping {
  const [, start, end, permissions = '', fileOffset, inode, path] = FIRST_LINE.exec(first) ?? []
  const flags = (facts.find(fact => fact.startsWith('VmFlags:')) ?? '').split(' ')
  return {
    start: BigInt(`0x${start}`),
    end: BigInt(`0x${end}`),
    permissions,
    fileOffset: BigInt(`0x${fileOffset}`),
    file: inode === '0' || path === undefined ? null : path,
    hasOwnPages: facts.some(fact => /^Anonymous: +[1-9]/.test(fact)),
    isOutside: flags.includes('io') || flags.includes('dd'),
  }
}
