import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { StoredBytes } from './source.ts'

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Readable
}

/** What an answer to a request with a Range holds: a server may not go along with it, and sends all. */
export function answeredBytes({ status, headers, body }: Answer, from: string): StoredBytes {
  const [, first = '', total = ''] = RANGE.exec(headers['content-range'] ?? '') ?? []
  const isPart = status === 206 && first !== ''
  const length = headers['content-length']
  return {
    body,
    firstByte: isPart ? Number(first) : 0,
    totalBytes: isPart ? countIn(total) : countIn(length ?? ''),
    tag: headers.etag ?? null,
    from,
  }
}

const RANGE = /^bytes (\d{1,16})-\d{1,16}\/(\d{1,16}|\*)$/

function countIn(text: string): number | null {
  return /^\d{1,16}$/.test(text) ? Number(text) : null
}

/** What asks for the bytes from there on; a beginning is asked for without, so that all is one answer. */
export function rangeFrom(firstByte: number): Readonly<Record<string, string>> {
  return firstByte === 0 ? {} : { range: `bytes=${firstByte}-` }
}
