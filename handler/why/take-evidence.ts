import { close } from 'node:fs'
import { constants } from 'node:os'
import { promisify } from 'node:util'
import type { CoreHead } from '../../crash/core-head.ts'
import { threadIdIn } from '../../crash/core-notes.ts'
import type { KernelArgs } from '../../crash/kernel-args.ts'
import type { Sender } from '../../crash/why/reason.ts'
import { backBefore, backWithin } from '../../time/left-behind.ts'
import type { Observed } from '../identity/observe.ts'
import type { Evidence } from './evidence.ts'
import { type Interrupted, takeInterrupted } from './interrupted.ts'
import type { LastWords, Taking } from './last-words.ts'
import { takePieces } from './pieces.ts'
import { mappingsAround, stackPieces } from './places.ts'
import type { Remains } from './remains.ts'

const { SIGABRT } = constants.signals

/** A crash, as far as it is known before its memory is looked at. */
export interface Crashed {
  readonly observed: Pick<Observed, 'namespacedPid'>
  readonly call: Evidence['call']
  readonly args: Pick<KernelArgs, 'signal'>
  readonly head: CoreHead
  readonly owner: Evidence['owner']
}

/** Copies what is needed to explain the crash. Never rejects; `null`: it was not to be had in time. */
export async function takeEvidence(crashed: Crashed, remains: Remains): Promise<Evidence | null> {
  const late = Promise.withResolvers<null>()
  const timer = setTimeout(() => late.resolve(null), remains.patienceSeconds * 1000)
  const taking = take(crashed, remains).catch(() => null)
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

async function take({ head, args, observed, call, owner }: Crashed, remains: Remains): Promise<Evidence> {
  const { memory } = remains
  const pid = observed.namespacedPid ?? head.pid
  const [{ pieces, interruptions }, code, sender, threadNames] = await Promise.all([
    takeStacks(head, memory),
    remains.code(),
    senderIn(head, pid, remains),
    remains.threadNames?.(threadIdsIn(head)).catch(() => NO_NAMES),
  ])
  const signal = args.signal ?? head.signal?.number ?? 0
  const gaveUp = signal === SIGABRT || call !== null
  const taken = { head, pieces, modules: code.modules, memory }
  const said = gaveUp ? await takeWords(taken).catch(() => NO_WORDS) : NO_WORDS
  return {
    machine: head.machine,
    signal,
    ...(head.signal && { info: head.signal }),
    ...(pid !== undefined && { pid }),
    ...(sender && { sender }),
    threadNames: threadNames ?? NO_NAMES,
    call,
    owner,
    statuses: head.statuses,
    mappings: mappingsAround(head, interruptions),
    pieces: [...pieces, ...said.pieces],
    ...code,
    ...(said.abortMessageAt !== undefined && { abortMessageAt: said.abortMessageAt }),
    ...(head.vdso !== undefined && { vdso: head.vdso }),
  }
}

const NO_NAMES: ReadonlyMap<number, string> = new Map()

/** Of a signal that another process sent. */
async function senderIn(
  { signal }: CoreHead,
  pid: number | undefined,
  { sender }: Remains,
): Promise<Sender | null> {
  if (signal?.pid === undefined || signal.pid === pid) return null
  return (await sender?.(signal.pid).catch(() => null)) ?? null
}

function threadIdsIn({ statuses }: CoreHead): readonly number[] {
  return statuses.map(status => threadIdIn(status, 8)).filter(tid => tid !== undefined)
}

async function takeStacks(head: CoreHead, memory: Remains['memory']): Promise<Interrupted> {
  const pieces = await takePieces(stackPieces(head), memory)
  const interrupted = await takeInterrupted(head, pieces, memory)
  return { ...interrupted, pieces: [...pieces, ...interrupted.pieces] }
}

const NO_WORDS: LastWords = { pieces: [] }

/** Loaded when it is needed: it takes longer to load than to run. */
async function takeWords(taking: Taking): Promise<LastWords> {
  const { takeLastWords } = await import('./last-words.ts')
  return await takeLastWords(taking)
}
