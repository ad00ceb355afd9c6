import { messageOf, OperatorError } from '../crash/errors.ts'
import { spaceInvisible } from '../untrusted/invisible.ts'
import { knownFailure } from './known-failures.ts'
import { type Symptom, symptomOf } from './symptom.ts'

/** What is wrong, for a log line, and what an operator does about it. */
interface Diagnosis {
  readonly message: string
  readonly hint: string
}

/**
 * Turns whatever an SDK, the network or a file system threw into words for an operator. Pure.
 * Of known errors it says our words and their code; of unknown ones their own, masked.
 */
export function diagnose(thrown: unknown): Diagnosis {
  if (thrown instanceof LeftBehindError) return diagnoseLeftBehind(thrown)
  if (thrown instanceof OperatorError) return { message: thrown.message, hint: thrown.hint }
  const symptom = symptomOf(thrown)
  const known = knownFailure(symptom)
  if (known) return { message: `${known.message} (${evidence(symptom)})`, hint: known.hint }
  const words = saysNothing(symptom) ? 'no reason given' : masked(symptom.words)
  return { message: `${evidence(symptom)}: ${words}`, hint: hintForUnknown(thrown) }
}

/** The system call of a mounted file system failed: no endpoint has anything to do with it. */
function hintForUnknown(thrown: unknown): string {
  if (thrown instanceof Error && 'syscall' in thrown && 'path' in thrown)
    return 'Look at CFSMountPath on this node, and into the log of its kernel (`dmesg`).'
  return 'See that S3Endpoint in StorageConfig is an S3 API, and what its server logs.'
}

/** A put failed, and what it had stored could not be removed either: that goes on taking space. */
export class LeftBehindError extends Error {
  override readonly name = 'LeftBehindError'
  readonly removal: unknown
  readonly remedy: string

  /** `removal` says why it could not be removed, `remedy` what an operator does about it, in one sentence. */
  constructor(cause: unknown, removal: unknown, remedy: string) {
    super(`${messageOf(cause)}; left behind: ${messageOf(removal)}`, { cause })
    this.removal = removal
    this.remedy = remedy
  }
}

function diagnoseLeftBehind({ cause, removal, remedy }: LeftBehindError): Diagnosis {
  const { message, hint } = diagnose(cause)
  return {
    message: `${message}; what was stored of it could not be removed: ${diagnose(removal).message}`,
    hint: `${hint} ${remedy}`,
  }
}

/**
 * `thrown` as a cause that may be logged. The SDK hangs the whole answer on its errors, and S3 answers a
 * wrong signature with the canonical request: security token included.
 */
export function withoutSecrets(thrown: unknown): unknown {
  if (thrown instanceof LeftBehindError) {
    return new Error(diagnose(thrown).message, { cause: withoutSecrets(thrown.cause) })
  }
  if (!(thrown instanceof Error) || !('$metadata' in thrown)) return thrown
  const symptom = symptomOf(thrown)
  return new Error(`${evidence(symptom)}: ${masked(symptom.words)}`)
}

// The peer is what our configuration names and DNS says, and the one thing to check: it is no secret, however
// long.
function evidence({ code, status, peer }: Symptom): string {
  const said = peer === '' ? masked(code) : `${masked(code)} ${visible(peer).slice(0, MOST_PEER)}`
  if (status === 0) return said
  // Of an answer without a body, as to a HEAD, the SDK makes a code of the status.
  return [...NO_CODES, `${status}`].includes(code) ? `HTTP ${status}` : `${said}, HTTP ${status}`
}

/** What the SDK calls an error of which the answer says nothing. */
const NO_CODES = ['Unknown', 'UnknownError']

function saysNothing({ status, words }: Symptom): boolean {
  return [...NO_CODES, `${status}`].includes(words)
}

// What a server says is its own choice, and some echo the request. Long runs without a space are
// signatures, tokens and URLs; the prefixes are access keys of AWS, Aliyun and Tencent.
const LOOKS_SECRET =
  /\b(?:AKIA|ASIA|LTAI|AKID)[A-Za-z0-9]{8,}|X-Amz-[A-Za-z-]+=[^&\s"]+|[A-Za-z0-9+/=%_.~&?:-]{48,}/gi
const MAX_WORDS = 200
const MAX_READ = 4096

/** A DNS name has 253 characters at the most; an address has a port. */
const MOST_PEER = 260

// COS has bucket, APPID and region in its host names. Labels that are as long as a key are taken for one.
const HOST_NAME = /^(?:https?:\/\/)?(?:[a-z0-9-]{1,39}\.){2,8}[a-z]{2,24}(?::\d{1,5})?[.:]?$/

function masked(words: string): string {
  return visible(words.slice(0, MAX_READ))
    .replace(LOOKS_SECRET, run => (HOST_NAME.test(run) ? run : '***'))
    .slice(0, MAX_WORDS)
}

function visible(text: string): string {
  return spaceInvisible(text).replace(/\s+/gu, ' ')
}
