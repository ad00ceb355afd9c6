import { createHash } from 'node:crypto'
import type { S3Client } from '@aws-sdk/client-s3'
import { symptomOf } from '../symptom.ts'

/**
 * Whether the store was heard to demand a digest of what is sent. Learned once, for as long as the store is
 * open.
 */
export interface DigestDemand {
  isHeard: boolean
}

interface Request {
  readonly body?: unknown
  readonly headers: Record<string, string>
}

/**
 * Sends `Content-MD5` from when on the store asks for a digest: buckets with Object Lock want one of each
 * object and part. Of the two that they take it is the one that all know; the checksums of AWS are an error
 * to many others. It costs the time to hash a part, so it is made only where it is asked for.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
 */
export function digestWhereDemanded({ middlewareStack }: S3Client, demand: DigestDemand): void {
  middlewareStack.add(
    next => async args => {
      const { body, headers } = args.request as Request
      if (!(body instanceof Uint8Array)) return next(args)
      const sendWith = (isWanted: boolean) => {
        if (isWanted) headers['content-md5'] = createHash('md5').update(body).digest('base64')
        return next(args)
      }
      const wasHeard = demand.isHeard
      try {
        return await sendWith(wasHeard)
      } catch (cause) {
        if (wasHeard || !demandsDigest(cause)) throw cause
        demand.isHeard = true
        return sendWith(true)
      }
    },
    // Before it is signed: the digest is part of that.
    { step: 'build', name: 'digestWhereDemanded' },
  )
}

const WRONG_DIGEST = ['BadDigest', 'InvalidDigest', 'XAmzContentChecksumMismatch']

/** Codes differ (InvalidRequest of AWS, MissingContentMD5 of MinIO); what they ask for has one name. */
function demandsDigest(cause: unknown): boolean {
  const { code, status, words } = symptomOf(cause)
  return (
    status === 400 && !WRONG_DIGEST.includes(code) && /content-md5|x-amz-checksum-/i.test(words.slice(0, 500))
  )
}
