import { close } from 'node:fs'
import { constants } from 'node:os'
import { promisify } from 'node:util'
import type { CoreHead } from '../../crash/core-head.ts'
import type { KernelArgs } from '../../crash/kernel-args.ts'
import type { MappedFile } from '../../crash/mapped-file.ts'
import { backBefore, backWithin } from '../../time/left-behind.ts'
import type { Observed } from '../identity/observe.ts'
import type { Proc } from '../identity/proc.ts'
import type { Evidence, OpenModule } from './evidence.ts'
import type { HeldMemory, LastWords } from './last-words.ts'
import { takePieces } from './pieces.ts'
import { mappingsAround, stackPieces } from './places.ts'

/**
 * The process is held meanwhile. All of it takes some milliseconds; a file on a network file system that went
 * away would take for ever.
 */
const DEADLINE_SECONDS = 1
const MOST_MODULES = 256
const { SIGABRT } = constants.signals

export interface Held {
  readonly observed: Pick<Observed, 'namespacedPid'>
  readonly call: Evidence['call']
  readonly args: KernelArgs
  readonly head: CoreHead
  readonly owner: Evidence['owner']
  /** Its folder in /proc. */
  readonly process: string
}

/** Copies what is needed to explain the crash. Never rejects; `null`: it was not to be had in time. */
export async function takeEvidence(held: Held, proc: Proc): Promise<Evidence | null> {
  const late = Promise.withResolvers<null>()
  const timer = setTimeout(() => late.resolve(null), DEADLINE_SECONDS * 1000)
  const taking = take(held, proc).catch(() => null)
  const evidence = await backBefore(taking, late.promise)
  clearTimeout(timer)
  if (evidence === null) void taking.then(tooLate => tooLate && closeEvidence(tooLate))
  return evidence
}

const closeFd = promisify(close)
const LONGEST_CLOSE_SECONDS = 1

/**
 * An open file keeps a volume from being unmounted. To close one asks its file system, which may hang: then it
 * is not waited for. Never rejects.
 */
export async function closeEvidence({ modules }: Pick<Evidence, 'modules'>): Promise<void> {
  const closing = Promise.allSettled(modules.map(({ fd }) => closeFd(fd)))
  await backWithin(closing, LONGEST_CLOSE_SECONDS)
}

async function take({ head, args, observed, call, owner, process }: Held, proc: Proc): Promise<Evidence> {
  const read = (address: bigint, lengthBytes: number) =>
    proc.memory(`${process}/task/${args.threadId ?? args.pid}/mem`, address, lengthBytes)
  const [pieces, modules] = await Promise.all([
    takePieces(stackPieces(head), read),
    openModules(head, range => proc.open(`${process}/map_files/${range}`)),
  ])
  const signal = args.signal ?? head.signal?.number ?? 0
  const gaveUp = signal === SIGABRT || call !== null
  const said = gaveUp ? await takeWords({ head, pieces, modules, read }).catch(() => NO_WORDS) : NO_WORDS
  const pid = observed.namespacedPid ?? head.pid
  return {
    machine: head.machine,
    signal,
    ...(head.signal && { info: head.signal }),
    ...(pid !== undefined && { pid }),
    call,
    owner,
    statuses: head.statuses,
    mappings: mappingsAround(head),
    pieces: [...pieces, ...said.pieces],
    modules,
    ...(said.abortMessageAt !== undefined && { abortMessageAt: said.abortMessageAt }),
    ...(head.vdso !== undefined && { vdso: head.vdso }),
  }
}

const NO_WORDS: LastWords = { pieces: [] }

/** Loaded when it is needed: it takes longer to load than to run. */
async function takeWords(held: HeldMemory): Promise<LastWords> {
  const { takeLastWords } = await import('./last-words.ts')
  return await takeLastWords(held)
}

/** The files of code, by any of their mappings: the kernel opens the file itself, whatever its path leads to. */
async function openModules(
  head: CoreHead,
  open: (range: string) => ReturnType<Proc['open']>,
): Promise<OpenModule[]> {
  const opening = [...codeFiles(head)].slice(0, MOST_MODULES).map(async ([path, ranges]) => {
    const [first] = ranges
    const file = first === undefined ? null : await open(`${hex(first.start)}-${hex(first.end)}`)
    return file === null ? null : { path, ...file, ranges }
  })
  return (await Promise.all(opening)).filter(module => module !== null)
}

const PF_X = 1

function codeFiles({ files, segments }: CoreHead): ReadonlyMap<string, readonly MappedFile[]> {
  const code = new Set(segments.filter(({ flags }) => (flags & PF_X) !== 0).map(({ address }) => address))
  const byPath = Map.groupBy(files, ({ path }) => path)
  for (const [path, ranges] of byPath) if (!ranges.some(({ start }) => code.has(start))) byPath.delete(path)
  return byPath
}

function hex(address: bigint): string {
  return address.toString(16)
}
