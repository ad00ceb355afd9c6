import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** What S3 refuses, with its code and HTTP status. */
export class S3Refusal extends Error {
  readonly code: string
  readonly status: number

  constructor(status: number, code: string, message: string = code) {
    super(message)
    this.status = status
    this.code = code
  }
}

export interface FakeObject {
  readonly bytes: Buffer
  readonly etag: string
  readonly contentType: string
  /** A test sets it back. */
  storedAt: Date
}

export interface FakePart {
  readonly bytes: Buffer
  readonly etag: string
  readonly crc32: string
}

export interface FakeUpload {
  readonly uploadId: string
  readonly key: string
  readonly contentType: string
  /** A test sets it back. */
  initiated: Date
  readonly parts: Map<number, FakePart>
}

export interface NamedPart {
  readonly number: number
  readonly etag: string
  readonly crc32: string | null
}

export interface PartRules {
  /** What all parts but the last must hold at least; 5 MiB at S3. */
  readonly minPartBytes: number
  /** Whether all parts but the last must be of one size, as at R2. */
  readonly uniformParts: boolean
  /** Whether it overwrites what a request wants to be the first of, as a store that does not know the header. */
  readonly ignoresConditions?: boolean
}

/** A bucket in memory, with S3's rules for what it takes. */
export class FakeBucket {
  readonly objects = new Map<string, FakeObject>()
  readonly uploads = new Map<string, FakeUpload>()
  readonly #rules: PartRules
  #begun = 0

  constructor(rules: PartRules) {
    this.#rules = rules
  }

  put(key: string, bytes: Buffer, contentType: string): FakeObject {
    const object = { bytes, etag: md5(bytes), contentType, storedAt: new Date() }
    this.objects.set(key, object)
    return object
  }

  /** Of a request that wants to be the first. */
  assureAbsent(key: string): void {
    if (this.objects.has(key) && this.#rules.ignoresConditions !== true)
      throw new S3Refusal(412, 'PreconditionFailed', 'At least one of the pre-conditions did not hold')
  }

  get(key: string): FakeObject {
    const object = this.objects.get(key)
    if (!object) throw new S3Refusal(404, 'NoSuchKey', 'The specified key does not exist.')
    return object
  }

  /** In order of their keys, by bytes of UTF-8. */
  keys(prefix = ''): string[] {
    const keys = [...this.objects.keys()].filter(key => key.startsWith(prefix))
    return keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  }

  begin(key: string, contentType: string): FakeUpload {
    const uploadId = `upload-${++this.#begun}`
    const upload = { uploadId, key, contentType, initiated: new Date(), parts: new Map<number, FakePart>() }
    this.uploads.set(uploadId, upload)
    return upload
  }

  /** In order of their keys; of one key, in the order in which they were begun. */
  unfinished(prefix = ''): FakeUpload[] {
    const uploads = [...this.uploads.values()].filter(({ key }) => key.startsWith(prefix))
    return uploads.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)))
  }

  upload(key: string, uploadId: string): FakeUpload {
    const upload = this.uploads.get(uploadId)
    if (upload?.key === key) return upload
    throw new S3Refusal(404, 'NoSuchUpload', 'The specified upload does not exist.')
  }

  putPart(key: string, uploadId: string, number: number, bytes: Buffer): FakePart {
    const { parts } = this.upload(key, uploadId)
    if (!(number >= 1 && number <= 10_000))
      throw new S3Refusal(400, 'InvalidArgument', 'Part number must be 1 to 10000')
    const part = { bytes, etag: md5(bytes), crc32: crc32Base64(bytes) }
    parts.set(number, part)
    return part
  }

  complete(key: string, uploadId: string, named: readonly NamedPart[]): FakeObject {
    const upload = this.upload(key, uploadId)
    const parts = named.map(part => partNamed(upload, part))
    this.#check(named, parts)
    const digests = parts.map(part => Buffer.from(part.etag, 'hex'))
    const object = {
      bytes: Buffer.concat(parts.map(part => part.bytes)),
      etag: `${md5(Buffer.concat(digests))}-${parts.length}`,
      contentType: upload.contentType,
      storedAt: new Date(),
    }
    this.uploads.delete(uploadId)
    this.objects.set(key, object)
    return object
  }

  /** What was just stored is gone: the part that the request names, or the object. */
  lose(key: string, query: URLSearchParams): void {
    const number = query.get('partNumber')
    if (number === null) this.objects.delete(key)
    else this.upload(key, query.get('uploadId') ?? '').parts.delete(Number(number))
  }

  abort(key: string, uploadId: string): void {
    this.uploads.delete(this.upload(key, uploadId).uploadId)
  }

  #check(named: readonly NamedPart[], parts: readonly FakePart[]): void {
    if (parts.length === 0) throw new S3Refusal(400, 'MalformedXML', 'No parts')
    if (named.some((part, at) => at > 0 && part.number <= named[at - 1]!.number)) {
      throw new S3Refusal(400, 'InvalidPartOrder', 'The list of parts was not in ascending order.')
    }
    const sizes = parts.slice(0, -1).map(part => part.bytes.length)
    if (sizes.some(size => size < this.#rules.minPartBytes)) {
      throw new S3Refusal(
        400,
        'EntityTooSmall',
        'Your proposed upload is smaller than the minimum allowed object size.',
      )
    }
    if (
      this.#rules.uniformParts &&
      (new Set(sizes).size > 1 || parts.at(-1)!.bytes.length > (sizes[0] ?? Infinity))
    ) {
      throw new S3Refusal(400, 'InvalidPart', 'All non-trailing parts must have the same length.')
    }
  }
}

export function crc32Base64(bytes: Buffer): string {
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(bytes))
  return sum.toString('base64')
}

function partNamed({ parts }: FakeUpload, { number, etag, crc32 }: NamedPart): FakePart {
  const part = parts.get(number)
  if (part && part.etag === etag.replaceAll('"', '') && (crc32 === null || crc32 === part.crc32)) return part
  throw new S3Refusal(400, 'InvalidPart', 'One or more of the specified parts could not be found.')
}

function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex')
}
