import type { CompletedPart, Part, S3Client } from '@aws-sdk/client-s3'
import type { EncryptionConfig } from '../../config/config.ts'
import { anySignal } from '../../time/any-signal.ts'
import { ListingProgress } from '../listing-progress.ts'
import { LostError } from '../parts/lost-error.ts'
import { MAX_PARTS } from '../parts/part-size.ts'
import type { PartedObject, PartedUpload, SizedPart, StoredPart } from '../parts/parted-object.ts'
import { isPassing } from '../passing-failure.ts'
import { deadline, type S3Connection, type S3Patience } from './s3-connection.ts'
import { type Tagging, tagged } from './tagging.ts'

/** One object of an S3 bucket, and all that its requests have in common. */
export interface S3Place {
  readonly connect: () => Promise<S3Connection>
  readonly bucket: string
  /** The whole key, `storeDir` included. */
  readonly key: string
  readonly checksums: boolean
  readonly encryption: EncryptionConfig | undefined
  readonly patience: S3Patience
  /** Absent: it has no tag, and no right to tag is needed. */
  readonly tagging?: Tagging
  /** Headers by which it is stored only where there is none. */
  readonly condition?: Readonly<Record<string, string>>
}

/** Writes one object to S3, whole or in parts. Rejects with what the SDK throws. */
export class S3Object implements PartedObject {
  readonly #place: S3Place
  #begins = 0

  constructor(place: S3Place) {
    this.#place = place
  }

  async putWhole(bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    const { connect, patience, tagging } = this.#place
    const { sdk, client } = await connect()
    const abortSignal = anySignal([deadline(patience, bytes.length), ...(signal ? [signal] : [])])
    await tagged(tagging, tag => {
      const command = new sdk.PutObjectCommand({ ...described(this.#place), ...tag, Body: bytes })
      addCondition(command, this.#place)
      return client.send(command, { abortSignal })
    })
  }

  async begin(): Promise<PartedUpload> {
    const { connect, patience, tagging } = this.#place
    const { sdk, client } = await connect()
    const abortSignal = deadline(patience, 0)
    this.#begins += 1
    const { UploadId, $metadata } = await tagged(tagging, tag => {
      const command = new sdk.CreateMultipartUploadCommand({ ...described(this.#place), ...tag })
      return client.send(command, { abortSignal })
    })
    // A try whose answer got lost may have begun one as well, with an id that we never received.
    const isOnly = this.#begins === 1 && $metadata.attempts === 1
    return new S3Upload(
      this.#place,
      present(UploadId, 'UploadId'),
      isOnly ? nothingMore : () => this.abortAll(),
    )
  }

  resume(uploadId: string): PartedUpload {
    return new S3Upload(this.#place, uploadId, nothingMore)
  }

  async abortAll(): Promise<void> {
    const { connect, patience, bucket, key } = this.#place
    const { sdk, client } = await connect()
    const command = new sdk.ListMultipartUploadsCommand({ Bucket: bucket, Prefix: key })
    try {
      const { Uploads = [] } = await client.send(command, { abortSignal: deadline(patience, 0) })
      const ours = Uploads.filter(upload => upload.Key === key)
      for (const { UploadId } of ours) await this.resume(present(UploadId, 'UploadId')).abort()
    } catch (cause) {
      // Without the permission to list, or on a store that cannot, the lifecycle rule of the bucket removes
      // them.
      if (isPassing(cause)) throw cause
    }
  }

  async look(): Promise<number | 'absent' | 'hidden'> {
    const { connect, patience } = this.#place
    const connection = await connect()
    const command = new connection.sdk.HeadObjectCommand(named(this.#place))
    try {
      const { ContentLength } = await connection.client.send(command, { abortSignal: deadline(patience, 0) })
      return ContentLength ?? 'hidden'
    } catch (cause) {
      const status = statusOf(cause)
      if (status === 403) return this.#listed()
      if (status === 404) return 'absent'
      throw cause
    }
  }

  /**
   * Credentials that may not read objects may list them perhaps; and unlike a HEAD, a listing says why it is
   * refused.
   */
  async #listed(): Promise<number | 'absent' | 'hidden'> {
    const { connect, patience, bucket, key } = this.#place
    const { sdk, client } = await connect()
    const command = new sdk.ListObjectsV2Command({ Bucket: bucket, Prefix: key, MaxKeys: 1 })
    try {
      const { Contents = [] } = await client.send(command, { abortSignal: deadline(patience, 0) })
      const found = Contents.find(({ Key }) => Key === key)
      return found === undefined ? 'absent' : (found.Size ?? 'hidden')
    } catch (cause) {
      if (cause instanceof Error && cause.name === 'AccessDenied') return 'hidden'
      throw cause
    }
  }
}

class S3Upload implements PartedUpload {
  readonly id: string
  readonly #place: S3Place
  readonly #afterComplete: () => Promise<void>

  constructor(place: S3Place, uploadId: string, afterComplete: () => Promise<void>) {
    this.#place = place
    this.id = uploadId
    this.#afterComplete = afterComplete
  }

  async putPart(number: number, bytes: Uint8Array, signal: AbortSignal): Promise<StoredPart> {
    const { connect, patience, checksums } = this.#place
    const connection = await connect()
    const command = new connection.sdk.UploadPartCommand({
      ...this.#named(),
      PartNumber: number,
      Body: bytes,
      ...(checksums && { ChecksumAlgorithm: 'CRC32' }),
    })
    const abortSignal = anySignal([signal, deadline(patience, bytes.length)])
    const { ETag, ChecksumCRC32 } = await connection.client.send(command, { abortSignal })
    return { number, etag: present(ETag, 'ETag'), ...(ChecksumCRC32 && { crc32: ChecksumCRC32 }) }
  }

  async complete(parts: readonly StoredPart[]): Promise<void> {
    await this.#look(parts)
    const { connect, patience } = this.#place
    const connection = await connect()
    const command = new connection.sdk.CompleteMultipartUploadCommand({
      ...this.#named(),
      MultipartUpload: { Parts: parts.map(completedPart) },
    })
    addCondition(command, this.#place)
    const { ETag } = await connection.client.send(command, { abortSignal: deadline(patience, 0) })
    // S3 answers 200 before it knows, and an error may follow in the body. The SDK sees it only where the
    // body ends in `</Error>` to the byte; what is no success has no ETag either.
    present(ETag, 'ETag')
    // The object is whole; what may lie about beside it is not worth a failure.
    await this.#afterComplete().catch(nothingMore)
  }

  /**
   * Completing what is not there would make a core with a hole. Without the permission to list parts the
   * store is believed.
   */
  async #look(parts: readonly StoredPart[]): Promise<void> {
    // If the store has a fault, Complete will say so.
    const listed = await this.storedParts().catch(() => null)
    if (listed === null) return
    const there = new Map(listed.map(({ number, etag }) => [number, bare(etag)]))
    const lost = parts.filter(({ number, etag }) => there.get(number) !== bare(etag))
    if (lost.length > 0) throw LostError.ofParts(lost.map(({ number }) => number))
  }

  async storedParts(): Promise<readonly SizedPart[] | null> {
    const { connect, patience } = this.#place
    const connection = await connect()
    const parts: SizedPart[] = []
    const progress = new ListingProgress()
    let after: string | undefined
    try {
      do {
        const command = new connection.sdk.ListPartsCommand({
          ...this.#named(),
          ...(after !== undefined && { PartNumberMarker: after }),
        })
        const page = await connection.client.send(command, { abortSignal: deadline(patience, 0) })
        progress.turn(page.Parts)
        parts.push(...(page.Parts ?? []).map(sizedPart))
        const next = page.IsTruncated === true ? page.NextPartNumberMarker : undefined
        // A store that says there is more and gives the same page again would do so for ever.
        after = next === after || parts.length >= MAX_PARTS ? undefined : next
      } while (after !== undefined)
    } catch (cause) {
      if (isNoSuchUpload(cause)) return null
      throw cause
    }
    return parts
  }

  async abort(): Promise<void> {
    const { connect, patience } = this.#place
    const connection = await connect()
    const command = new connection.sdk.AbortMultipartUploadCommand(this.#named())
    try {
      await connection.client.send(command, { abortSignal: AbortSignal.timeout(patience.abortMs) })
    } catch (cause) {
      if (!isNoSuchUpload(cause)) throw cause
    }
  }

  #named() {
    return { ...named(this.#place), UploadId: this.id }
  }
}

async function nothingMore(): Promise<void> {
  // Nothing to do.
}

function addCondition(command: { readonly middlewareStack: object }, { condition }: S3Place): void {
  if (condition === undefined) return
  // What stacks of commands have in common is no type of the SDK.
  const stack = command.middlewareStack as S3Client['middlewareStack']
  stack.add(
    next => args => {
      Object.assign((args.request as { headers: object }).headers, condition)
      return next(args)
    },
    // Before it is signed.
    { step: 'build', name: 'condition' },
  )
}

function named({ bucket, key }: S3Place) {
  return { Bucket: bucket, Key: key }
}

function described(place: S3Place) {
  return {
    ...named(place),
    ContentType: contentType(place.key),
    ...(place.checksums && { ChecksumAlgorithm: 'CRC32' as const }),
    ...encrypted(place),
  }
}

// Of an upload it is said once, where it begins: S3 refuses it of a part.
function encrypted({ encryption }: S3Place) {
  if (encryption === undefined) return {}
  const { algorithm, keyId } = encryption
  return { ServerSideEncryption: algorithm, ...(keyId !== undefined && { SSEKMSKeyId: keyId }) }
}

// No Content-Encoding: a browser would unpack a core.gz on its way to the disk.
function contentType(key: string): string {
  return key.endsWith('.json') ? 'application/json' : 'application/octet-stream'
}

function completedPart({ number, etag, crc32 }: StoredPart): CompletedPart {
  return { PartNumber: number, ETag: etag, ...(crc32 && { ChecksumCRC32: crc32 }) }
}

function sizedPart({ PartNumber = 0, ETag, Size = 0, ChecksumCRC32 }: Part): SizedPart {
  return {
    number: PartNumber,
    etag: present(ETag, 'ETag'),
    sizeBytes: Size,
    ...(ChecksumCRC32 && { crc32: ChecksumCRC32 }),
  }
}

/** Some quote it in one answer, and not in another. */
function bare(etag: string): string {
  return etag.replaceAll('"', '').toLowerCase()
}

function present(value: string | undefined, name: string): string {
  if (value) return value
  throw new Error(`the store's answer has no ${name}`)
}

export function isNoSuchUpload(cause: unknown): boolean {
  return cause instanceof Error && cause.name === 'NoSuchUpload'
}

export function statusOf(cause: unknown): number | undefined {
  return (cause as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
}

/** How often it was asked, the SDK's own retries among it. */
export function attemptsOf(cause: unknown): number {
  return (cause as { $metadata?: { attempts?: number } }).$metadata?.attempts ?? 1
}

/** 409 is the answer of COS and OSS, and of S3 while another handler stores the same. */
export function isThere(cause: unknown): boolean {
  return [409, 412].includes(statusOf(cause) ?? 0)
}
