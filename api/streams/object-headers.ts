import type { IncomingHttpHeaders } from 'node:http'
import { type ByteRange, lengthOf, rangeIn } from './byte-range.ts'
import { etagOf, type StoredObject } from './stored-object.ts'

export interface Answer {
  readonly status: 200 | 206 | 416
  readonly headers: Readonly<Record<string, string | number>>
  /** What of the object follows; `null`: nothing. */
  readonly range: ByteRange | null
}

/** How a request for `object` is answered. */
export function answerTo(
  { range: wanted, 'if-range': validator }: IncomingHttpHeaders,
  object: StoredObject,
): Answer {
  const { sizeBytes } = object.info
  const isCurrent = validator === undefined || validator === etagOf(object.info)
  const range = isCurrent ? rangeIn(wanted, sizeBytes) : null
  if (range === 'unsatisfiable') return unsatisfiable(sizeBytes)
  const all = { firstByte: 0, lastByte: sizeBytes - 1 }
  if (range === null) return { status: 200, headers: headersOf(object, all), range: all }
  const part = { 'content-range': `bytes ${range.firstByte}-${range.lastByte}/${sizeBytes}` }
  return { status: 206, headers: { ...headersOf(object, range), ...part }, range }
}

function unsatisfiable(sizeBytes: number): Answer {
  return { status: 416, headers: { 'content-range': `bytes */${sizeBytes}` }, range: null }
}

function headersOf(object: StoredObject, range: ByteRange): Answer['headers'] {
  const { info, type, savedAs, sha256, headers } = object
  return {
    'content-type': type,
    'content-length': lengthOf(range),
    'content-disposition': `attachment; filename="${savedAs}"`,
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-store',
    'last-modified': info.storedAt.toUTCString(),
    etag: etagOf(info),
    'x-content-type-options': 'nosniff',
    ...(sha256 !== undefined && { 'repr-digest': `sha-256=:${base64(sha256)}:` }),
    ...headers,
  }
}

function base64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64')
}
