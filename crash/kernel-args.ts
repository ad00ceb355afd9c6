import { OperatorError } from './errors.ts'

/**
 * What follows the handler's path in core_pattern. The installer writes it and {@link parseKernelArgs}
 * reads it, so they live together. The first three alone are enough: people set those by hand.
 * See core(5) for each. %F needs Linux 6.16; an older kernel leaves the argument empty.
 */
export const CORE_PATTERN_ARGS = '%P %e %t %s %I %d %c %F'

/** What the kernel says of a crash. Only the pid is always there. */
export interface KernelArgs {
  /** %P: in the initial pid namespace, as all ids here. */
  readonly pid: number
  /** %e: name of the crashing thread, chosen by the process itself: any bytes but NUL and `/`. */
  readonly comm: string
  /** %t; `null` when it could not be read. */
  readonly crashedAt: Date | null
  /** %s */
  readonly signal?: number
  /** %I */
  readonly threadId?: number
  /** %d: 0, 1 or 2, see prctl(2), PR_SET_DUMPABLE. */
  readonly dumpable?: number
  /** %c: soft RLIMIT_CORE; Infinity when unlimited. The kernel ignores it for pipes. */
  readonly coreLimitBytes?: number
  /** %F: a file descriptor of ours, a pidfd that refers to the crashed process. */
  readonly pidFd?: number
}

/**
 * Reads the arguments that the kernel made of {@link CORE_PATTERN_ARGS} or of `%P %e %t`.
 *
 * Since Linux 5.3 the kernel splits the pattern before it fills it in, so `my app` is one argument. Before,
 * it splits afterwards: %e may arrive as several arguments or as none, and an empty %F leaves no trace. So
 * the fixed tail is looked for from the right, and what stands between it and the pid is the comm. A comm has
 * 15 bytes and a time ten digits, so no comm can forge a tail.
 *
 * Throws only when there is no pid: a crash is not lost for want of its time.
 */
export function parseKernelArgs(argv: readonly string[]): KernelArgs {
  const pid = integer(argv[0])
  if (pid === null || pid === 0) {
    throw new OperatorError(
      `Cannot read the kernel's arguments ${JSON.stringify(argv)}: they do not begin with a process id`,
      `Set /proc/sys/kernel/core_pattern to "|<path of this handler> ${CORE_PATTERN_ARGS}".`,
    )
  }
  const rest = argv.slice(1)
  return { pid, ...(fullForm(rest) ?? shortForm(rest)) }
}

/** The arguments that {@link parseKernelArgs} reads as `args`. */
export function kernelArgv(args: KernelArgs): readonly string[] {
  const { pid, comm, crashedAt, signal, threadId, dumpable, coreLimitBytes, pidFd } = args
  const time = crashedAt === null ? [] : [crashedAt.getTime() / 1000]
  const tail = signal === undefined ? [] : [signal, threadId, dumpable, coreLimitText(coreLimitBytes), pidFd]
  return [pid, comm, ...time, ...tail].map(value => `${value ?? ''}`)
}

/** Whether the kernel may have called us so: a person's first argument does not begin with a digit. */
export function isKernelCall(argv: readonly string[]): boolean {
  return /^\d/.test(argv[0] ?? '')
}

type Tail = Omit<KernelArgs, 'pid'>

/** `%e… %t %s %I %d %c [%F]`, the time being where it must be; `null` if this is not that. */
function fullForm(rest: readonly string[]): Tail | null {
  const exact = rest.length === 7 ? tailAt(rest, 1) : null
  return exact ?? tailAt(rest, rest.length - 5) ?? tailAt(rest, rest.length - 6)
}

function tailAt(rest: readonly string[], at: number): Tail | null {
  if (at < 0) return null
  const [time, signal, threadId, dumpable, coreLimit, pidFd = ''] = rest.slice(at)
  const fields = {
    signal: integer(signal),
    threadId: integer(threadId),
    dumpable: integer(dumpable),
    coreLimitBytes: coreLimitBytes(coreLimit),
  }
  const plausible =
    isTime(time) && within(fields.signal, 1, 64) && within(fields.dumpable, 0, 2) && /^\d{0,4}$/.test(pidFd)
  if (!plausible || fields.threadId === null || fields.coreLimitBytes === null) return null
  return {
    comm: rest.slice(0, at).join(' '),
    crashedAt: timeOf(time),
    signal: fields.signal ?? 0,
    threadId: fields.threadId,
    dumpable: fields.dumpable ?? 0,
    coreLimitBytes: fields.coreLimitBytes,
    ...(pidFd === '' ? {} : { pidFd: Number(pidFd) }),
  }
}

/** `%e… %t`, as far as it is there. */
function shortForm(rest: readonly string[]): Tail {
  const last = rest.at(-1)
  return isTime(last) || (integer(last) !== null && rest.length > 1)
    ? { comm: rest.slice(0, -1).join(' '), crashedAt: timeOf(last) }
    : { comm: rest.join(' '), crashedAt: null }
}

/** Seconds since 1970 have had ten digits since 2001, and will until 2286. */
function isTime(text: string | undefined): boolean {
  return text !== undefined && /^[1-9]\d{9}$/.test(text)
}

function timeOf(text: string | undefined): Date | null {
  return isTime(text) ? new Date(Number(text) * 1000) : null
}

/** RLIM_INFINITY is printed as 2^64 - 1. */
function coreLimitBytes(text: string | undefined): number | null {
  if (text === '18446744073709551615' || text === '-1') return Number.POSITIVE_INFINITY
  return text !== undefined && /^\d{1,20}$/.test(text) ? Number(text) : null
}

function coreLimitText(bytes: number | undefined): string | number | undefined {
  return bytes === Number.POSITIVE_INFINITY ? '18446744073709551615' : bytes
}

function integer(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : null
}

function within(value: number | null, low: number, high: number): boolean {
  return value !== null && value >= low && value <= high
}
