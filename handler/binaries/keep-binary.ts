import { type BinaryOwner, binariesOf, binaryKey } from '../../crash/binary-key.ts'
import { OperatorError } from '../../crash/errors.ts'
import { StoreError } from '../../storage/errors.ts'
import type { BinaryStore, ObjectInfo } from '../../storage/object-store.ts'
import type { BinaryFile, BinaryIdentity } from './binary-file.ts'

/** Retention goes by when one was last named, to the day: installer/upkeep/unnamed-binaries.ts. */
const YOUNG_SECONDS = 24 * 3600
/** One page of a listing. */
const MOST_OF_NAMESPACE = 1000

/** A file that is to be kept, and what is known of it. */
export interface Keepable extends BinaryIdentity {
  readonly file: Pick<BinaryFile, 'read'>
  readonly sizeBytes: number
  readonly owner: BinaryOwner
}

interface Keeping {
  /** Of one namespace; 0: no limit. */
  readonly mostBytes: number
  readonly now: Date
  readonly signal: AbortSignal
}

/** Stores the file, unless it is there and was stored within a day. Rejects with why it was not. */
export async function keepBinary(
  { file, sizeBytes, owner, buildId, sha256 }: Keepable,
  store: BinaryStore,
  { mostBytes, now, signal }: Keeping,
): Promise<void> {
  const key = binaryKey(owner, buildId, sha256)
  const found = await store.look(key)
  if (isWhole(found, sizeBytes) && isYoung(found, now)) return
  const isThere = typeof found === 'object'
  if (!isThere) await assureRoom(owner, sizeBytes, mostBytes, store)
  signal.throwIfAborted()
  const content = { sizeBytes, read: () => file.read(sha256), signal }
  await store.putOnce(key, content, isThere ? 'anew' : undefined)
}

type Found = Awaited<ReturnType<BinaryStore['look']>>

function isWhole(found: Found, sizeBytes: number): found is ObjectInfo {
  return typeof found === 'object' && found.sizeBytes === sizeBytes
}

function isYoung({ storedAt }: ObjectInfo, now: Date): boolean {
  return now.getTime() - storedAt.getTime() < YOUNG_SECONDS * 1000
}

/**
 * A tenant may build a new program for each crash. Handlers that look at once may together be over it by what they
 * store then.
 */
async function assureRoom(
  owner: BinaryOwner,
  sizeBytes: number,
  mostBytes: number,
  store: Pick<BinaryStore, 'list'>,
): Promise<void> {
  if (mostBytes === 0) return
  let [count, bytes] = [1, sizeBytes]
  try {
    for await (const object of store.list(binariesOf(owner))) {
      count += 1
      bytes += object.sizeBytes
      if (count > MOST_OF_NAMESPACE) throw tooMany(owner)
      if (bytes > mostBytes) throw noRoom(owner, mostBytes)
    }
  } catch (cause) {
    // Credentials that may only write cannot know.
    if (!(cause instanceof StoreError && cause.status === 403)) throw cause
  }
}

function tooMany({ namespace }: BinaryOwner): OperatorError {
  return new OperatorError(
    `there are ${MOST_OF_NAMESPACE} programs of ${namespace}, and no more are kept`,
    'Set a retention, or remove some below _binaries in the store.',
  )
}

function noRoom({ namespace }: BinaryOwner, mostBytes: number): OperatorError {
  return new OperatorError(
    `programs of ${namespace} take what limits.binariesPerNamespace allows: ${mostBytes} bytes`,
    'Raise limits.binariesPerNamespace, set a retention, or remove some below _binaries in the store.',
  )
}
