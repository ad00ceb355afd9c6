import { createHash } from 'node:crypto'
import type { S3Client } from '@aws-sdk/client-s3'
import type { S3Connection } from './s3-connection.ts'
import { statusOf } from './s3-object.ts'

/** The most that S3 takes in one request. */
export const LARGEST_BATCH = 1000

interface Batch {
  readonly bucket: string
  /** Whole ones. */
  readonly keys: readonly string[]
  /** Whether the store knows the checksums of AWS. */
  readonly checksums: boolean
  readonly abortSignal: AbortSignal
}

/**
 * Removes all in one request. Resolves with the keys that the store did not remove, which are to be removed one by one
 * then; `unknown`: it knows no such request.
 */
export async function removeBatch(
  { sdk, client }: S3Connection,
  { bucket, keys, checksums, abortSignal }: Batch,
): Promise<readonly string[] | 'unknown'> {
  const Objects = keys.map(Key => ({ Key }))
  const command = new sdk.DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } })
  addDigest(command, checksums)
  try {
    const { Errors = [] } = await client.send(command, { abortSignal })
    const left = new Set(Errors.map(({ Key }) => Key))
    return keys.filter(key => left.has(key))
  } catch (cause) {
    if (UNKNOWN.includes(statusOf(cause) ?? 0)) return 'unknown'
    throw cause
  }
}

/** OSS and COS answer 400 to what the SDK sends; others 405 or 501. */
const UNKNOWN = [400, 405, 411, 501]

/** One of the two has to be there. `Content-MD5` is the one that all know; what AWS has made of it is an error to some. */
function addDigest(command: { readonly middlewareStack: object }, checksums: boolean): void {
  // What stacks of commands have in common is no type of the SDK.
  const stack = command.middlewareStack as S3Client['middlewareStack']
  stack.add(
    next => args => {
      const { headers, body } = args.request as { headers: Record<string, string>; body: string }
      headers['content-md5'] = createHash('md5').update(body).digest('base64')
      if (!checksums) for (const name of Object.keys(headers)) if (OF_AWS.test(name)) delete headers[name]
      return next(args)
    },
    // Behind what adds the checksums, and before it is signed.
    { step: 'build', priority: 'low', name: 'batchDigest' },
  )
}

const OF_AWS = /^x-amz-(?:checksum-|sdk-checksum-)/i
