import { plain } from '../../untrusted/plain-text.ts'
import { isSent, signalName } from '../signal.ts'
import type { Evidence } from './evidence.ts'
import type { Reason } from './reason-code.ts'

const SI_KERNEL = 128
const SI_TKILL = -6
const SI_USER = 0

/** Of a signal that a process, a timer or the kernel sent for its own reasons; `null`: it was an error. */
export function reasonOfSentSignal(evidence: Evidence): Reason | null {
  const { info } = evidence
  if (info === undefined) return null
  const name = signalName(evidence.signal)
  if (info.code === SI_KERNEL) return FROM_KERNEL[name] ?? null
  if (!isSent(info.code)) return null
  if (isFromItself(evidence)) return fromItself(name, info.code)
  if (evidence.sender !== undefined || info.pid !== undefined)
    return { code: 'killed', sentence: `${name} sent ${senderIn(evidence)}` }
  return withoutSender(name, info.code)
}

const FROM_KERNEL: Readonly<Record<string, Reason>> = {
  SIGXCPU: {
    code: 'cpu-limit',
    sentence: 'used more CPU time than its limit allows (RLIMIT_CPU or RLIMIT_RTTIME)',
  },
  SIGQUIT: { code: 'killed', sentence: 'SIGQUIT from its terminal (Ctrl-\\)' },
}

/**
 * Whether the process sent the signal to itself. Other processes hardly ever use tgkill(2), so of unknown ids
 * one that it sent is its own.
 */
export function isFromItself({ info, pid }: Evidence): boolean {
  if (info?.pid === undefined) return false
  return pid === undefined ? info.code === SI_TKILL : info.pid === pid
}

const OF_FAULTS = ['SIGSEGV', 'SIGBUS', 'SIGFPE', 'SIGILL']

/** The kernel sends SIGXFSZ in the name of the process that wrote, as kill(2) would; raise(3) does not (mm/filemap.c). */
function fromItself(name: string, code: number): Reason {
  if (name === 'SIGXFSZ' && code === SI_USER)
    return { code: 'file-size-limit', sentence: 'wrote a file beyond the limit of its size (RLIMIT_FSIZE)' }
  const why = OF_FAULTS.includes(name) ? ', maybe after its handler had caught another' : ''
  return { code: 'raised', sentence: `${name} raised by the program itself${why}` }
}

/** The id 0 is the kernel's for a process that the pid namespace of the crashed one does not show. */
function senderIn({ info, sender }: Evidence): string {
  const { comm, pid, uid } = sender ?? { comm: undefined, ...info }
  const known = [
    ...(comm === undefined ? [] : [plain(comm, LONGEST_COMM)]),
    ...(uid === undefined ? [] : [`uid ${uid}`]),
  ].join(', ')
  const who = pid ? `by process ${pid}` : 'from outside of its container'
  return known === '' ? who : `${who} (${known})`
}

const LONGEST_COMM = 64

const SI_TIMER = -2

function withoutSender(name: string, code: number): Reason {
  return code === SI_TIMER
    ? { code: 'timer', sentence: `${name} sent by a timer of the program` }
    : { code: 'other', sentence: `${name} sent with code ${code}` }
}
