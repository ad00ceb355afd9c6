import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { type FakeBucket, type FakeObject, type FakeUpload, type NamedPart, S3Refusal } from './s3-bucket.ts'

export type Operation =
  | 'PutObject'
  | 'GetObject'
  | 'HeadObject'
  | 'DeleteObject'
  | 'DeleteObjects'
  | 'ListObjectsV2'
  | 'CreateMultipartUpload'
  | 'UploadPart'
  | 'CompleteMultipartUpload'
  | 'AbortMultipartUpload'
  | 'ListParts'
  | 'ListMultipartUploads'
  | 'GetBucketVersioning'
  | 'GetBucketLifecycleConfiguration'
  | 'Unknown'

/** A request as the server got it. */
export interface SeenRequest {
  readonly operation: Operation
  readonly method: string
  readonly url: string
  readonly bucket: string
  readonly key: string
  readonly headers: IncomingHttpHeaders
  /** The number of the connection it came over, from 1. */
  readonly connection: number
  /** Set once the body has been read. */
  bodyBytes: number
  /** The XML of a Complete. */
  body: string
}

/** What the server answers, before it is sent. */
export interface Answer {
  readonly status: number
  readonly body?: string | Buffer
  readonly headers?: Record<string, string | number>
}

type Perform = (bucket: FakeBucket, seen: SeenRequest, body: Buffer, page: { size: number }) => Answer

/** What each operation does to a bucket. */
export const PERFORM: Record<Operation, Perform> = {
  PutObject: (bucket, { key, headers }, body) => {
    if (wantsNew(headers)) bucket.assureAbsent(key)
    const { etag } = bucket.put(key, body, headers['content-type'] ?? 'binary/octet-stream')
    return { status: 200, headers: { ETag: `"${etag}"` } }
  },
  GetObject: (bucket, { key, url, headers: { range } }) => {
    const { bytes, etag, contentType } = bucket.get(key)
    const saved = queryOf(url).get('response-content-disposition')
    const headers = {
      ETag: `"${etag}"`,
      'Content-Type': contentType,
      ...(saved !== null && { 'Content-Disposition': saved }),
    }
    if (range === undefined) return { status: 200, body: bytes, headers }
    const [first, last] = rangeIn(range, bytes.length)
    const part = { ...headers, 'Content-Range': `bytes ${first}-${last}/${bytes.length}` }
    return { status: 206, body: bytes.subarray(first, last + 1), headers: part }
  },
  HeadObject: (bucket, { key }) => {
    const { bytes, etag, contentType, storedAt } = bucket.get(key)
    return {
      status: 200,
      headers: {
        ETag: `"${etag}"`,
        'Content-Type': contentType,
        'Content-Length': bytes.length,
        'Last-Modified': storedAt.toUTCString(),
      },
    }
  },
  DeleteObject: (bucket, { key }) => {
    bucket.objects.delete(key)
    return { status: 204 }
  },
  DeleteObjects: (bucket, { headers }, body) => {
    const digest = createHash('md5').update(body).digest('base64')
    if (headers['content-md5'] !== digest)
      throw new S3Refusal(400, 'MissingContentMD5', 'Missing required header for this request: Content-Md5.')
    for (const [, key = ''] of body.toString().matchAll(/<Key>(.*?)<\/Key>/gs))
      bucket.objects.delete(unescaped(key))
    return xml('DeleteResult', [])
  },
  ListObjectsV2: (bucket, { url }, _body, { size }) => {
    const query = queryOf(url)
    const after = query.get('continuation-token') ?? query.get('start-after') ?? ''
    const keys = bucket
      .keys(query.get('prefix') ?? '')
      .filter(key => Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0)
    const listed = keys.slice(0, size)
    const more = keys.length > listed.length
    return xml('ListBucketResult', [
      tag('IsTruncated', more),
      more ? tag('NextContinuationToken', listed.at(-1)!) : '',
      ...listed.map(key => listedObject(key, bucket.get(key))),
    ])
  },
  CreateMultipartUpload: (bucket, { bucket: name, key, headers }) => {
    const { uploadId } = bucket.begin(key, headers['content-type'] ?? 'binary/octet-stream')
    return xml('InitiateMultipartUploadResult', [
      tag('Bucket', name),
      tag('Key', key),
      tag('UploadId', uploadId),
    ])
  },
  UploadPart: (bucket, { key, url, headers }, body) => {
    const query = queryOf(url)
    const part = bucket.putPart(key, query.get('uploadId') ?? '', Number(query.get('partNumber')), body)
    const sum = headers['x-amz-checksum-crc32'] === undefined ? {} : { 'x-amz-checksum-crc32': part.crc32 }
    return { status: 200, headers: { ETag: `"${part.etag}"`, ...sum } }
  },
  CompleteMultipartUpload: (bucket, { bucket: name, key, url, headers }, body) => {
    if (wantsNew(headers)) bucket.assureAbsent(key)
    const { etag } = bucket.complete(key, queryOf(url).get('uploadId') ?? '', namedParts(body.toString()))
    return xml('CompleteMultipartUploadResult', [
      tag('Bucket', name),
      tag('Key', key),
      tag('ETag', `"${etag}"`),
    ])
  },
  AbortMultipartUpload: (bucket, { key, url }) => {
    bucket.abort(key, queryOf(url).get('uploadId') ?? '')
    return { status: 204 }
  },
  ListParts: (bucket, { key, url }) => {
    const upload = bucket.upload(key, queryOf(url).get('uploadId') ?? '')
    return xml('ListPartsResult', [
      tag('UploadId', upload.uploadId),
      tag('IsTruncated', false),
      ...listedParts(upload),
    ])
  },
  ListMultipartUploads: (bucket, { url }, _body, { size }) => {
    const query = queryOf(url)
    const uploads = bucket.unfinished(query.get('prefix') ?? '')
    const last = query.get('upload-id-marker')
    const rest = uploads.slice(uploads.findIndex(({ uploadId }) => uploadId === last) + 1)
    const listed = rest.slice(0, size)
    const more = rest.length > listed.length
    const { key = '', uploadId = '' } = listed.at(-1) ?? {}
    return xml('ListMultipartUploadsResult', [
      tag('IsTruncated', more),
      ...(more ? [tag('NextKeyMarker', key), tag('NextUploadIdMarker', uploadId)] : []),
      ...listed.map(listedUpload),
    ])
  },
  GetBucketVersioning: () => xml('VersioningConfiguration', []),
  GetBucketLifecycleConfiguration: () => {
    throw new S3Refusal(404, 'NoSuchLifecycleConfiguration')
  },
  Unknown: () => {
    throw new S3Refusal(
      501,
      'NotImplemented',
      'A header you provided implies functionality that is not implemented.',
    )
  },
}

function wantsNew(headers: IncomingHttpHeaders): boolean {
  return headers['if-none-match'] === '*' || headers['x-goog-if-generation-match'] === '0'
}

/** The first and the last byte that `bytes=…` names of so many. */
function rangeIn(range: string, sizeBytes: number): readonly [number, number] {
  const [, first = '', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(range) ?? []
  if (first === '') throw new S3Refusal(501, 'NotImplemented', 'A range that the fake does not know')
  if (Number(first) >= sizeBytes)
    throw new S3Refusal(416, 'InvalidRange', 'The requested range is not satisfiable')
  return [Number(first), last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1)]
}

function listedObject(key: string, { bytes, storedAt }: FakeObject): string {
  const said = [tag('Key', key), tag('Size', bytes.length), tag('LastModified', storedAt.toISOString())]
  return `<Contents>${said.join('')}</Contents>`
}

export function operationOf(method: string, key: string, query: URLSearchParams): Operation {
  const table: readonly (readonly [string, boolean, Operation])[] = [
    ['POST', query.has('delete'), 'DeleteObjects'],
    ['POST', query.has('uploads'), 'CreateMultipartUpload'],
    ['POST', query.has('uploadId'), 'CompleteMultipartUpload'],
    ['PUT', query.has('uploadId'), 'UploadPart'],
    ['PUT', key !== '', 'PutObject'],
    ['DELETE', query.has('uploadId'), 'AbortMultipartUpload'],
    ['DELETE', key !== '', 'DeleteObject'],
    ['HEAD', key !== '', 'HeadObject'],
    ['GET', query.has('uploadId'), 'ListParts'],
    ['GET', key !== '', 'GetObject'],
    ['GET', query.has('uploads'), 'ListMultipartUploads'],
    ['GET', query.has('versioning'), 'GetBucketVersioning'],
    ['GET', query.has('lifecycle'), 'GetBucketLifecycleConfiguration'],
    ['GET', query.get('list-type') === '2', 'ListObjectsV2'],
  ]
  return table.find(([verb, fits]) => verb === method && fits)?.[2] ?? 'Unknown'
}

export function queryOf(url: string): URLSearchParams {
  return new URLSearchParams(url.split('?')[1] ?? '')
}

export function errorXml(code: string, message: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${tag('Code', code)}${tag('Message', message)}<RequestId>FAKE0REQUEST</RequestId></Error>`
}

function xml(root: string, children: readonly string[]): Answer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${children.join('')}</${root}>`
  return { status: 200, body, headers: { 'Content-Type': 'application/xml' } }
}

function tag(name: string, value: string | number | boolean): string {
  const escaped = String(value).replace(/[&<>"]/g, c => `&#${c.charCodeAt(0)};`)
  return `<${name}>${escaped}</${name}>`
}

function unescaped(text: string): string {
  return text
    .replace(/&#x([0-9a-f]+);/gi, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
    .replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => NAMED[name] ?? '')
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }

function listedUpload({ key, uploadId, initiated }: FakeUpload): string {
  const fields = [tag('Key', key), tag('UploadId', uploadId), tag('Initiated', initiated.toISOString())]
  return `<Upload>${fields.join('')}</Upload>`
}

function listedParts({ parts }: FakeUpload): string[] {
  const ordered = [...parts].sort(([a], [b]) => a - b)
  return ordered.map(
    ([number, { etag, bytes }]) =>
      `<Part>${tag('PartNumber', number)}${tag('ETag', `"${etag}"`)}${tag('Size', bytes.length)}</Part>`,
  )
}

function namedParts(body: string): NamedPart[] {
  return [...body.matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part = '']) => ({
    number: Number(textOf(part, 'PartNumber')),
    etag: textOf(part, 'ETag')?.replace(/&quot;|&#34;/g, '"') ?? '',
    crc32: textOf(part, 'ChecksumCRC32'),
  }))
}

function textOf(xml: string, name: string): string | null {
  return new RegExp(`<${name}>(.*?)</${name}>`, 's').exec(xml)?.[1] ?? null
}
