import { close } from 'node:fs'
import { constants } from 'node:os'
import { promisify } from 'node:util'
import type { CoreHead } from '../../crash/core-head.ts'
import { threadIdIn } from '../../crash/core-notes.ts'
import type { KernelArgs } from '../../crash/kernel-args.ts'
import { mayBePython } from '../../crash/python-path.ts'
import type { Sender } from '../../crash/why/reason.ts'
import { backWithin } from '../../time/left-behind.ts'
import { OneByOne } from '../../time/one-by-one.ts'
import type { Observed } from '../identity/observe.ts'
import { type Circumstances, NO_CIRCUMSTANCES } from './circumstances.ts'
import type { Evidence } from './evidence.ts'
import { type Interrupted, takeInterrupted } from './interrupted.ts'
import type { LastWords } from './last-words.ts'
import { takePieces } from './pieces.ts'
import { mappingsAround, stackPieces } from './places.ts'
import type { TakenPython } from './python.ts'
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

/** Copies what tells where it crashed. Rejects with the errors of `node:fs`. */
export async function takeEvidence(
  { head, args, observed, call, owner }: Crashed,
  remains: Remains,
): Promise<Evidence> {
  const [{ pieces, interruptions }, code] = await Promise.all([
    takeStacks(head, remains.memory),
    remains.code(),
  ])
  const pid = observed.namespacedPid ?? head.pid
  return {
    machine: head.machine,
    signal: args.signal ?? head.signal?.number ?? 0,
    ...(head.signal && { info: head.signal }),
    ...(pid !== undefined && { pid }),
    threadNames: NO_CIRCUMSTANCES.threadNames,
    call,
    owner,
    statuses: head.statuses,
    mappings: mappingsAround(head, interruptions),
    pieces,
    ...code,
    ...(head.vdso !== undefined && { vdso: head.vdso }),
    ...(head.entry !== undefined && { entry: head.entry }),
  }
}

/** Never rejects. */
export async function takeCircumstances(
  evidence: Evidence,
  { head }: Crashed,
  remains: Remains,
): Promise<Circumstances> {
  const [words, interpreter, sender, threadNames, runtimeFiles] = await Promise.all([
    takeWords(evidence, head, remains).catch(() => NO_CIRCUMSTANCES),
    takeInterpreter(evidence, head, remains).catch(() => null),
    senderIn(head, evidence.pid, remains),
    remains.threadNames?.(threadIdsIn(head)).catch(() => undefined),
    evidence.pid === undefined ? [] : remains.runtimeFiles?.(evidence.pid),
  ])
  return {
    ...words,
    pieces: [...words.pieces, ...(interpreter?.pieces ?? [])],
    ...(interpreter && { python: interpreter.python }),
    ...(sender && { sender }),
    threadNames: threadNames ?? NO_CIRCUMSTANCES.threadNames,
    ...(runtimeFiles && { runtimeFiles }),
  }
}

const closeFd = promisify(close)
const LONGEST_CLOSE_SECONDS = 1

/**
 * An open file keeps a volume from being unmounted. To close one asks its file system, which may hang: then it
 * is not waited for, and those behind it stay open until the handler ends. Never rejects.
 */
export async function closeEvidence(
  { modules, runtimeFiles = [] }: Pick<Evidence, 'modules' | 'runtimeFiles'>,
  closeFile: (fd: number) => Promise<void> = closeFd,
): Promise<void> {
  const files = new OneByOne(LONGEST_CLOSE_SECONDS)
  const closing = Promise.allSettled(
    [...modules, ...runtimeFiles].map(({ fd }) => files.ask(() => closeFile(fd))),
  )
  await backWithin(closing, LONGEST_CLOSE_SECONDS)
}

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

/** Where it gave up. */
async function takeWords(
  { signal, call, pieces, modules }: Evidence,
  head: CoreHead,
  { memory }: Remains,
): Promise<LastWords> {
  if (signal !== SIGABRT && call === null) return NO_CIRCUMSTANCES
  // Loaded when it is needed: it takes longer to load than to run.
  const { takeLastWords } = await import('./last-words.ts')
  return await takeLastWords({ head, pieces, modules, memory })
}

/** Where it was in a program of Python. */
async function takeInterpreter(
  { pieces, modules }: Evidence,
  head: CoreHead,
  { memory }: Remains,
): Promise<TakenPython | null> {
  if (!modules.some(({ path }) => mayBePython(path))) return null
  const { takePython } = await import('./python.ts')
  return await takePython({ head, pieces, modules, memory })
}
