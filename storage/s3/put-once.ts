import { Readable } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'
import { anySignal } from '../../time/any-signal.ts'
import type { Rereadable } from '../object-store.ts'
import { LostError } from '../parts/lost-error.ts'
import type { PartedObject } from '../parts/parted-object.ts'
import { symptomOf } from '../symptom.ts'
import { deadline, type S3Connection } from './s3-connection.ts'
import { described, type S3Place, statusOf } from './s3-object.ts'

/** One is in memory, and the one that is cut beside it. */
const PART_BYTES = 8 * 2 ** 20
const MOST_PARTS = 10_000

/**
 * By the SDK's own uploader: what can be read again needs no more. `once`: the headers by which a store takes an
 * object only where there is none; one that does not know them is asked without.
 */
export async function putOnce(
  place: S3Place,
  content: Rereadable,
  once: Readonly<Record<string, string>>,
): Promise<'stored' | 'present'> {
  try {
    await upload(place, content, once)
    return 'stored'
  } catch (cause) {
    if (isThere(cause)) return 'present'
    if (!isUnknownHeader(cause)) throw cause
    await upload(place, content, {})
    return 'stored'
  }
}

/** Rejects with a {@link LostError} if the store does not have what it confirmed; one that may not look believes. */
export async function assureSize(object: PartedObject, sizeBytes: number): Promise<void> {
  const seen = await object.look()
  if (seen !== 'hidden' && seen !== sizeBytes) throw LostError.ofObject('all')
}

async function upload(
  place: S3Place,
  content: Rereadable,
  once: Readonly<Record<string, string>>,
): Promise<void> {
  const connection = await place.connect()
  const abortController = new AbortController()
  const giveUp = () => abortController.abort()
  content.signal.addEventListener('abort', giveUp)
  try {
    content.signal.throwIfAborted()
    const sending = new connection.sdk.Upload({
      client: bounded(connection, place, content.signal, once),
      params: { ...described(place), Body: Readable.from(content.read(), { highWaterMark: 1 }) },
      partSize: Math.max(PART_BYTES, Math.ceil(content.sizeBytes / MOST_PARTS)),
      queueSize: 1,
      abortController,
    })
    await sending.done()
  } catch (cause) {
    throw content.signal.aborted ? content.signal.reason : cause
  } finally {
    content.signal.removeEventListener('abort', giveUp)
  }
}

type Send = (command: Parameters<S3Client['send']>[0]) => ReturnType<S3Client['send']>

/** The uploader sends what it sends without an end of its own. What it leaves behind is removed in any case. */
function bounded(
  { sdk, client }: S3Connection,
  { patience }: S3Place,
  signal: AbortSignal,
  once: Readonly<Record<string, string>>,
): S3Client {
  const send: Send = command => {
    if (command instanceof sdk.AbortMultipartUploadCommand)
      return client.send(command, { abortSignal: AbortSignal.timeout(patience.abortMs) })
    if (command instanceof sdk.PutObjectCommand || command instanceof sdk.CompleteMultipartUploadCommand)
      withHeaders(command, once)
    return client.send(command, { abortSignal: anySignal([signal, deadline(patience, PART_BYTES)]) })
  }
  return Object.create(client, { send: { value: send } }) as S3Client
}

function withHeaders(
  { middlewareStack }: Pick<S3Client, 'middlewareStack'>,
  added: Readonly<Record<string, string>>,
): void {
  middlewareStack.add(
    next => args => {
      Object.assign((args.request as { headers: object }).headers, added)
      return next(args)
    },
    // Before it is signed.
    { step: 'build', name: 'onlyOnce' },
  )
}

/** 409 is the answer of COS and OSS, and of S3 while another handler stores the same. */
function isThere(cause: unknown): boolean {
  return [409, 412].includes(statusOf(cause) ?? 0)
}

function isUnknownHeader(cause: unknown): boolean {
  return statusOf(cause) === 501 || symptomOf(cause).code === 'NotImplemented'
}
