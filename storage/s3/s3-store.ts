import type { LookupFunction } from 'node:net'
import path from 'node:path'
import type { Readable } from 'node:stream'
import type { ListMultipartUploadsOutput, ListObjectsV2Output } from '@aws-sdk/client-s3'
import type { ObjectStorageConfig } from '../../config/config.ts'
import { parseCrashFolder } from '../../crash/object-key.ts'
import type { Network } from '../../network/network.ts'
import { anySignal } from '../../time/any-signal.ts'
import { type BucketRules, CRASH_TAG } from '../bucket-rules.ts'
import { endedBy } from '../ended-by.ts'
import { NoSuchBytesError, NotFoundError, StoreError, type StoreOperation } from '../errors.ts'
import { fullKey, joined } from '../key.ts'
import { ListingProgress } from '../listing-progress.ts'
import type { ObjectInfo, ObjectStore, Unfinished } from '../object-store.ts'
import type { Bytes } from '../parts/bytes.ts'
import type { Failover, PutOutcome } from '../parts/failover.ts'
import { putInParts } from '../parts/multipart.ts'
import type { PartPatience } from '../parts/part-patience.ts'
import { partSizeBytes } from '../parts/part-size.ts'
import type { PartedObject } from '../parts/parted-object.ts'
import { isPassing } from '../passing-failure.ts'
import { isRange, type ReadOptions } from '../read-options.ts'
import type { Rereadable } from '../rereadable.ts'
import type { StoreTraits } from '../store-traits.ts'
import { TRIALS } from '../store-trial.ts'
import type { DigestDemand } from './content-md5.ts'
import { behind, type ListedFrom, nextToken } from './listing-page.ts'
import { PlainRefusalError } from './plain-refusal.ts'
import { putIfNew } from './put-if-new.ts'
import { putOnce } from './put-once.ts'
import { givesRange, rangeHeader } from './range-header.ts'
import { readBucketRules } from './read-bucket-rules.ts'
import { LARGEST_BATCH, removeBatch } from './remove-batch.ts'
import { connect, deadline, PATIENCE, type S3Connection, type S3Patience } from './s3-connection.ts'
import { type ReadHandoffCredentials, s3Credentials } from './s3-credentials.ts'
import { type S3Dialect, s3Dialect } from './s3-dialect.ts'
import { S3Object, type S3Place, statusOf } from './s3-object.ts'
import { StoreClock } from './store-clock.ts'
import type { Tagging } from './tagging.ts'

/** What a node cannot find out by itself about its store, and the installer can. */
export interface HandoffAccess {
  /** Takes the place of the node's DNS. */
  readonly lookup?: LookupFunction
  /** Absent: directly, and TLS trusts Node's own list and the node's. */
  readonly network?: Network
  /** Asked where the configuration has no credentials, before the AWS default chain. */
  readonly credentials?: ReadHandoffCredentials
}

interface S3Options extends HandoffAccess {
  readonly patience?: S3Patience
  readonly dialect?: S3Dialect
}

/** A bucket of AWS S3, Tencent COS, Aliyun OSS, or of anything else that speaks S3. */
export class S3Store implements ObjectStore {
  readonly traits: StoreTraits
  readonly #config: ObjectStorageConfig
  readonly #dialect: S3Dialect
  readonly #patience: S3Patience
  readonly #access: HandoffAccess
  readonly #demand: DigestDemand = { isHeard: false }
  readonly #clock = new StoreClock()
  readonly #tagging: Tagging = { header: `${CRASH_TAG.key}=${CRASH_TAG.value}`, isRefused: false }
  #knowsBatches = true
  #connection: Promise<S3Connection> | null = null

  constructor(config: ObjectStorageConfig, options: S3Options = {}) {
    this.#config = config
    this.#dialect = options.dialect ?? s3Dialect(config)
    this.#patience = noMorePatientThan(config.patienceSeconds, options.patience ?? PATIENCE)
    this.#access = options
    this.traits = traitsOf(config, this.#dialect)
  }

  prepare(): void {
    // What goes wrong with it, the first request says.
    this.#connect().catch(() => undefined)
  }

  async put(
    key: string,
    body: Bytes,
    boundBytes: number,
    failover: Failover | null = null,
  ): Promise<PutOutcome> {
    return this.#explained('put', key, async () => {
      const object = this.object(key)
      return putInParts(object, body, partSizeBytes(boundBytes), this.#partPatience(), failover)
    })
  }

  async putOnce(key: string, content: Rereadable, anew?: 'anew'): Promise<'stored' | 'present'> {
    return this.#explained('put', key, async () => {
      const once = anew === undefined ? this.#dialect.once : {}
      return await putOnce(this.#place(key), content, once)
    })
  }

  async putIfNew(key: string, body: Uint8Array, signal: AbortSignal): Promise<'won' | 'refused'> {
    return this.#explained('put', key, () => {
      const place = { ...this.#place(key), condition: this.#dialect.ifNew }
      return putIfNew(place, body, signal, () => this.get(key, { signal }))
    })
  }

  async look(key: string): Promise<ObjectInfo | 'absent' | 'hidden'> {
    return this.#attempt('look at', key, async ({ sdk, client }, named) => {
      try {
        const abortSignal = deadline(this.#patience, 0)
        const { ContentLength, LastModified } = await client.send(new sdk.HeadObjectCommand(named), {
          abortSignal,
        })
        return { key, sizeBytes: ContentLength ?? 0, storedAt: LastModified ?? new Date() }
      } catch (cause) {
        const status = statusOf(cause)
        if (status === 404) return 'absent'
        // Of what is not there, too, to credentials that may not list.
        if (status === 403) return 'hidden'
        throw cause
      }
    })
  }

  object(key: string): PartedObject {
    return new S3Object(this.#place(key))
  }

  #place(key: string): S3Place {
    return {
      connect: () => this.#connect(),
      bucket: this.#config.bucket,
      key: fullKey(this.#config.storeDir, key),
      checksums: this.#dialect.checksums,
      encryption: this.#config.encryption,
      ...(this.#config.tagsCrashes && isTagged(key) && { tagging: this.#tagging }),
      patience: this.#patience,
    }
  }

  #partPatience(): PartPatience {
    const { retryMs, completePausesMs } = this.#patience
    const { patienceSeconds, credentials } = this.#config
    const renewable = credentials === null
    const partMs = patienceSeconds === undefined ? this.#patience.partMs : patienceSeconds * 1000
    return {
      partMs,
      partPauseMs: retryMs * 4,
      completePausesMs,
      isPassing: cause => isPassing(cause, renewable),
    }
  }

  async get(key: string, { signal, ...range }: ReadOptions = {}): Promise<Readable> {
    return this.#attempt('get', key, async ({ sdk, client, rangeReads }, named) => {
      const read = isRange(range) ? await rangeReads.get({ key: named.Key, ...range, signal }) : null
      if (typeof read === 'string') throw new PlainRefusalError(read)
      if (read !== null) return endedBy(signal, read)
      const command = new sdk.GetObjectCommand({ ...named, ...rangeHeader(range) })
      // No deadline: a large core may take its time to be read. A silent store ends by idleMs.
      const { Body, ContentRange } = await client.send(command, signal && { abortSignal: signal })
      // In Node the SDK makes no other kind.
      const body = endedBy(signal, Body as Readable)
      if (givesRange(range, ContentRange)) return body
      body.destroy()
      throw new Error(`the store gives other bytes of the object than were asked for: ${ContentRange}`)
    })
  }

  async *list(prefix: string, after = '', signal?: AbortSignal): AsyncGenerator<ObjectInfo, void, void> {
    const rootLength = joined(this.#config.storeDir, '').length
    const progress = new ListingProgress()
    let from: ListedFrom = after === '' ? {} : { StartAfter: joined(this.#config.storeDir, after) }
    for (;;) {
      const page = await this.#listPage(prefix, from, progress, signal)
      for (const { Key = '', Size = 0, LastModified } of behind(from, page)) {
        // A store that does not say since when: since now, so that it is not taken for old.
        yield { key: Key.slice(rootLength), sizeBytes: Size, storedAt: LastModified ?? new Date() }
      }
      const token = await this.#explained('list', prefix, async () => nextToken(page, from.ContinuationToken))
      if (token === undefined) return
      from = { ...from, ContinuationToken: token }
    }
  }

  async #listPage(
    prefix: string,
    from: ListedFrom,
    progress: ListingProgress,
    signal?: AbortSignal,
  ): Promise<ListObjectsV2Output> {
    const { bucket, storeDir } = this.#config
    const request = { Bucket: bucket, Prefix: joined(storeDir, prefix), ...from }
    return this.#explained('list', prefix, async () => {
      const { sdk, client } = await this.#connect()
      const abortSignal = anySignal([deadline(this.#patience, 0), ...(signal ? [signal] : [])])
      const page = await client.send(new sdk.ListObjectsV2Command(request), { abortSignal })
      progress.turn(page.Contents)
      return page
    })
  }

  async *unfinished(): AsyncGenerator<Unfinished, void, void> {
    const rootLength = joined(this.#config.storeDir, '').length
    const progress = new ListingProgress()
    let after: UploadMarker | null = {}
    do {
      const page: ListMultipartUploadsOutput = await this.#unfinishedPage(after, progress)
      for (const { Key = '', UploadId = '', Initiated } of page.Uploads ?? []) {
        const key = Key.slice(rootLength)
        // The store does not say since when: since now, so that it is not taken for old.
        const touchedAt = Initiated ?? new Date()
        yield { key, uploadId: UploadId, touchedAt, abort: () => this.#abandon(key, UploadId) }
      }
      after = nextMarker(page, after)
    } while (after !== null)
  }

  /** MinIO lists the uploads of one key only, so none here: it removes what is a day old by itself. */
  async #unfinishedPage(after: UploadMarker, progress: ListingProgress): Promise<ListMultipartUploadsOutput> {
    const { bucket, storeDir } = this.#config
    const request = { Bucket: bucket, Prefix: joined(storeDir, ''), ...after }
    return this.#explained('list', '', async () => {
      const { sdk, client } = await this.#connect()
      const abortSignal = deadline(this.#patience, 0)
      const page = await client.send(new sdk.ListMultipartUploadsCommand(request), { abortSignal })
      progress.turn(page.Uploads)
      return page
    })
  }

  async #abandon(key: string, uploadId: string): Promise<void> {
    await this.#explained('remove', key, () => this.object(key).resume(uploadId).abort())
  }

  async remove(key: string): Promise<void> {
    await this.#attempt('remove', key, ({ sdk, client }, named) =>
      client.send(new sdk.DeleteObjectCommand(named), { abortSignal: deadline(this.#patience, 0) }),
    )
  }

  async removeAll(keys: readonly string[]): Promise<void> {
    for (const batch of inBatches(keys, LARGEST_BATCH)) {
      const left = this.#knowsBatches ? await this.#removeAtOnce(batch) : 'unknown'
      for (const few of inBatches(left === 'unknown' ? batch : left, SIDE_BY_SIDE))
        await Promise.all(few.map(key => this.remove(key)))
      // Only now: a request that is wrong for another reason fails one by one, too.
      if (left === 'unknown') this.#knowsBatches = false
    }
  }

  /** Resolves with those that are left. */
  async #removeAtOnce(keys: readonly string[]): Promise<readonly string[] | 'unknown'> {
    const { bucket, storeDir } = this.#config
    return this.#explained('remove', keys[0] ?? '', async () => {
      const whole = new Map(keys.map(key => [fullKey(storeDir, key), key]))
      const abortSignal = deadline(this.#patience, 0)
      const { checksums } = this.#dialect
      const batch = { bucket, keys: [...whole.keys()], checksums, abortSignal }
      const left = await removeBatch(await this.#connect(), batch)
      return left === 'unknown' ? left : left.flatMap(key => whole.get(key) ?? [])
    })
  }

  async bucketRules(signal: AbortSignal): Promise<BucketRules> {
    return this.#explained('look at', '', async () => {
      const said = await readBucketRules(await this.#connect(), this.#config.bucket, signal)
      return { ...said, refusesTags: this.#tagging.isRefused }
    })
  }

  location(key: string): string {
    const { protocol, bucket, storeDir } = this.#config
    return `${protocol}://${bucket}/${joined(storeDir, key)}`
  }

  async link(key: string, savedAs?: string): Promise<string> {
    return this.#attempt('link', key, async ({ sdk, client }, named) => {
      const signingDate = this.#clock.now()
      const { expiration } = await client.config.credentials()
      const expiresIn = linkSeconds(this.#config.presignedUrlExpireSeconds, expiration, signingDate)
      const saved = savedAs && { ResponseContentDisposition: `attachment; filename="${savedAs}"` }
      const command = new sdk.GetObjectCommand({ ...named, ...saved })
      return sdk.getSignedUrl(client, command, { expiresIn, signingDate })
    })
  }

  async #attempt<T>(
    op: StoreOperation,
    key: string,
    work: (connection: S3Connection, named: { Bucket: string; Key: string }) => Promise<T>,
  ): Promise<T> {
    return this.#explained(op, key, async () => {
      const named = { Bucket: this.#config.bucket, Key: fullKey(this.#config.storeDir, key) }
      return work(await this.#connect(), named)
    })
  }

  async #explained<T>(op: StoreOperation, key: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (cause) {
      // Not any 404: NoSuchBucket is one too, and means a mistake, not an absence.
      const name = cause instanceof Error ? cause.name : ''
      const kind = { NoSuchKey: NotFoundError, InvalidRange: NoSuchBytesError }[name] ?? StoreError
      throw new kind(op, key, cause, this.location(key))
    }
  }

  #connect(): Promise<S3Connection> {
    this.#connection ??= this.#firstConnect()
    return this.#connection
  }

  async #firstConnect(): Promise<S3Connection> {
    const { lookup, network, credentials: readHandoff } = this.#access
    const credentials = await s3Credentials(this.#config.credentials, readHandoff)
    // The next request makes a client of its own, which asks for credentials anew.
    const onOver = () => {
      this.#connection = null
    }
    return connect(
      this.#dialect,
      { credentials, lookup, network, demand: this.#demand, clock: this.#clock, onOver },
      this.#patience,
    )
  }
}

/** The index, groups and programs are beside the crashes, and stay. By the trial it is known whether tags are taken. */
function isTagged(key: string): boolean {
  return parseCrashFolder(path.posix.dirname(key)) !== null || key.startsWith(`${TRIALS}/`)
}

/** Requests at once where each object is one. */
const SIDE_BY_SIDE = 8

function inBatches(keys: readonly string[], size: number): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(keys.length / size) }, (_, at) =>
    keys.slice(at * size, (at + 1) * size),
  )
}

/** A link ends with the credentials that signed it, and says so: `X-Amz-Expires`. */
function linkSeconds(wanted: number, expiration: Date | undefined, now: Date): number {
  if (expiration === undefined) return wanted
  const left = Math.floor((expiration.getTime() - now.getTime()) / 1000)
  return Math.max(1, Math.min(wanted, left))
}

interface UploadMarker {
  readonly KeyMarker?: string
  readonly UploadIdMarker?: string
}

/**
 * `null`: that was all, or a store that says there is more and not where would give the same page for ever.
 */
function nextMarker(page: ListMultipartUploadsOutput, last: UploadMarker): UploadMarker | null {
  const { IsTruncated, NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page
  if (IsTruncated !== true || KeyMarker === undefined) return null
  if (KeyMarker === last.KeyMarker && UploadIdMarker === last.UploadIdMarker) return null
  return { KeyMarker, ...(UploadIdMarker !== undefined && { UploadIdMarker }) }
}

// A store that copies the parts of an upload together is silent for a while.
const SHORTEST_SILENCE_MS = 2_000

/**
 * A caller that limits the time for a part limits silence by it, too: that would be the longest wait of all.
 */
function noMorePatientThan(seconds = Number.POSITIVE_INFINITY, patience: S3Patience): S3Patience {
  const idleMs = Math.min(patience.idleMs, Math.max(seconds * 1000, SHORTEST_SILENCE_MS))
  return { ...patience, idleMs }
}

function traitsOf({ credentials, endpoint }: ObjectStorageConfig, { region }: S3Dialect): StoreTraits {
  const needsCredentials = credentials === null
  return { resumes: true, links: true, isRemote: true, needsCredentials, endpoint, region }
}
