import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Credentials } from '../../config/config.ts'
import { crc32Base64, FakeBucket, type PartRules, S3Refusal } from './s3-bucket.ts'
import {
  type Answer,
  errorXml,
  type Operation,
  operationOf,
  PERFORM,
  queryOf,
  type SeenRequest,
} from './s3-operations.ts'
import { refusalOf } from './sigv4.ts'

/** What may go wrong with one request. Make them with {@link faults}. */
export type Fault =
  | { readonly kind: 'refuse'; readonly status: number; readonly code: string; readonly message: string }
  | { readonly kind: 'say'; readonly status: number; readonly body: string }
  | { readonly kind: 'reset' | 'stall' | 'hang' | 'lose-answer' | 'cut-answer' | 'lie' | 'endless' }
  | { readonly kind: 'slow'; readonly milliseconds: number }

export const faults = {
  /** Answers with an error of S3, and does nothing. */
  refuse: (status: number, code: string, message = code): Fault => ({
    kind: 'refuse',
    status,
    code,
    message,
  }),
  slowDown: (): Fault => faults.refuse(503, 'SlowDown', 'Please reduce your request rate.'),
  /** HTTP 200, and an error in the body, as S3 does when Complete fails after its answer has begun. */
  errorIn200: (code = 'InternalError'): Fault => ({ kind: 'say', status: 200, body: errorXml(code, code) }),
  /** Answers anything at all, as a proxy would, and does nothing. */
  say: (status: number, body: string): Fault => ({ kind: 'say', status, body }),
  /** The connection is reset in the middle of the request's body. */
  reset: (): Fault => ({ kind: 'reset' }),
  /** The request's body is not read, and nothing is answered. */
  stall: (): Fault => ({ kind: 'stall' }),
  /** The request is read, and nothing is answered. */
  hang: (): Fault => ({ kind: 'hang' }),
  /** All is done as asked, then the connection is reset. */
  loseAnswer: (): Fault => ({ kind: 'lose-answer' }),
  /** The answer's body breaks off half way. */
  cutAnswer: (): Fault => ({ kind: 'cut-answer' }),
  /** All is answered as if it were done, and it is gone. */
  lie: (): Fault => ({ kind: 'lie' }),
  /** Answers 200, and never comes to an end. */
  endless: (): Fault => ({ kind: 'endless' }),
  slow: (milliseconds: number): Fault => ({ kind: 'slow', milliseconds }),
}

export interface FakeS3Options {
  readonly buckets?: readonly string[]
  readonly region?: string
  readonly credentials?: Credentials
  readonly rules?: Partial<PartRules>
  /** Objects on one page of a listing. */
  readonly pageSize?: number
  /** How far the server's clock is ahead of ours. */
  readonly clockAheadSeconds?: number
  /** Asked for every request, before the faults of {@link FakeS3.fail}. */
  readonly faultOf?: (request: SeenRequest) => Fault | null
}

interface PlannedFault {
  readonly on: Operation
  readonly fault: Fault
  after: number
  times: number
}

/**
 * An S3 server on a port of 127.0.0.1, in memory. It checks every signature, keeps S3's rules for
 * multipart uploads, remembers what it was asked, and fails as it is told.
 */
export class FakeS3 implements AsyncDisposable {
  readonly region: string
  readonly credentials: Credentials
  readonly requests: SeenRequest[] = []
  readonly #options: FakeS3Options
  readonly #buckets = new Map<string, FakeBucket>()
  readonly #planned: PlannedFault[] = []
  readonly #connections = new Map<Socket, number>()
  readonly #server: Server

  constructor(options: FakeS3Options = {}) {
    this.#options = options
    this.region = options.region ?? 'us-east-1'
    this.credentials = options.credentials ?? {
      accessKeyId: 'AKIAFAKEFAKEFAKEFAKE',
      secretAccessKey: 'fake/Secret+Access/Key/of/fourty/chars/0',
    }
    const rules = { minPartBytes: 5 * 1024 * 1024, uniformParts: false, ...options.rules }
    for (const name of options.buckets ?? ['cores']) this.#buckets.set(name, new FakeBucket(rules))
    this.#server = createServer((request, response) => void this.#serve(request, response))
    this.#server.on('connection', socket => this.#connections.set(socket, this.#connections.size + 1))
  }

  async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return this
  }

  get endpoint(): string {
    // Listening on a TCP port, never on a pipe.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** How many connections were made so far. */
  get connections(): number {
    return this.#connections.size
  }

  bucket(name = 'cores'): FakeBucket {
    const bucket = this.#buckets.get(name)
    if (!bucket) throw new S3Refusal(404, 'NoSuchBucket', 'The specified bucket does not exist')
    return bucket
  }

  /** From now on the first `times` such requests fail so, after letting `after` of them pass. */
  fail(on: Operation, fault: Fault, { times = 1, after = 0 } = {}): void {
    this.#planned.push({ on, fault, times, after })
  }

  /** What was planned to fail does so no more. */
  heal(): void {
    this.#planned.length = 0
  }

  seen(operation: Operation): SeenRequest[] {
    return this.requests.filter(request => request.operation === operation)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('date', this.#now().toUTCString())
    const seen = this.#see(request)
    const fault = this.#options.faultOf?.(seen) ?? this.#planFor(seen.operation)
    try {
      await this.#exchange(request, response, seen, fault)
    } catch (cause) {
      if (cause instanceof S3Refusal) return refuse(response, cause)
      // The client went away: no answer can be sent.
      response.destroy()
    }
  }

  async #exchange(
    request: IncomingMessage,
    response: ServerResponse,
    seen: SeenRequest,
    fault: Fault | null,
  ) {
    if (fault?.kind === 'stall') return
    if (fault?.kind === 'reset') return resetInBody(request)
    const body = await bodyOf(request)
    seen.bodyBytes = body.length
    checkContentMd5(request.headers['content-md5'], body)
    if (seen.operation === 'CompleteMultipartUpload') seen.body = body.toString()
    if (fault?.kind === 'hang') return
    if (fault?.kind === 'slow') await pause(fault.milliseconds, undefined, { ref: false })
    if (fault?.kind === 'refuse') throw new S3Refusal(fault.status, fault.code, fault.message)
    if (fault?.kind === 'say') return answer(response, { status: fault.status, body: fault.body })
    if (fault?.kind === 'endless') return endless(response)
    const result = this.#perform(seen, body)
    if (fault?.kind === 'lie') this.bucket(seen.bucket).lose(seen.key, queryOf(seen.url))
    if (fault?.kind === 'lose-answer') return void request.socket.resetAndDestroy()
    if (fault?.kind === 'cut-answer') return cut(response, result)
    answer(response, result)
  }

  #see(request: IncomingMessage): SeenRequest {
    const { method = '', url = '', headers, socket } = request
    const { bucket, key } = this.#locate(url, headers.host ?? '')
    const seen = {
      operation: operationOf(method, key, queryOf(url)),
      method,
      url,
      bucket,
      key,
      headers,
      connection: this.#connections.get(socket) ?? 0,
      bodyBytes: 0,
      body: '',
    }
    this.requests.push(seen)
    return seen
  }

  #locate(url: string, host: string): { bucket: string; key: string } {
    const path = decodeURIComponent(url.split('?')[0] ?? '').slice(1)
    const inHost = [...this.#buckets.keys()].find(name => host.startsWith(`${name}.`))
    if (inHost !== undefined) return { bucket: inHost, key: path }
    const [bucket = '', ...key] = path.split('/')
    return { bucket, key: key.join('/') }
  }

  #planFor(operation: Operation): Fault | null {
    const plan = this.#planned.find(({ on, times }) => on === operation && times > 0)
    if (!plan) return null
    if (plan.after > 0) {
      plan.after--
      return null
    }
    plan.times--
    return plan.fault
  }

  #now(): Date {
    return new Date(Date.now() + (this.#options.clockAheadSeconds ?? 0) * 1000)
  }

  #perform(seen: SeenRequest, body: Buffer): Answer {
    const now = () => this.#now()
    const refusal = refusalOf({ ...seen, body }, { ...this.credentials, region: this.region, now })
    if (refusal) {
      throw Object.assign(new S3Refusal(refusal.status, refusal.code, refusal.message), { date: now() })
    }
    const crc32 = seen.headers['x-amz-checksum-crc32']
    if (crc32 !== undefined && crc32 !== crc32Base64(body)) throw new S3Refusal(400, 'BadDigest')
    const page = { size: this.#options.pageSize ?? 1000 }
    return PERFORM[seen.operation](this.bucket(seen.bucket), seen, body, page)
  }
}

/** Starts a fake with one empty bucket, `cores`. */
export async function startFakeS3(options: FakeS3Options = {}): Promise<FakeS3> {
  return new FakeS3(options).listen()
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function resetInBody(request: IncomingMessage): void {
  request.once('data', () => request.socket.resetAndDestroy())
  request.once('end', () => request.socket.resetAndDestroy())
}

function answer(response: ServerResponse, { status, body, headers }: Answer): void {
  response.writeHead(status, { 'x-amz-request-id': 'FAKE0REQUEST', ...headers })
  response.end(body)
}

function cut(response: ServerResponse, { status, body = '', headers }: Answer): void {
  const bytes = Buffer.from(body)
  response.writeHead(status, { ...headers, 'Content-Length': bytes.length })
  response.write(bytes.subarray(0, bytes.length / 2), () => response.socket?.resetAndDestroy())
}

function endless(response: ServerResponse): void {
  const chunk = Buffer.alloc(2 ** 20, 'x')
  const more = () => {
    while (!response.destroyed && response.write(chunk));
  }
  response.writeHead(200).on('drain', more)
  more()
}

function refuse(response: ServerResponse, refusal: S3Refusal & { readonly date?: Date }): void {
  const headers: Record<string, string> = { 'Content-Type': 'application/xml' }
  if (refusal.date) headers.Date = refusal.date.toUTCString()
  answer(response, { status: refusal.status, body: errorXml(refusal.code, refusal.message), headers })
}

function checkContentMd5(header: string | string[] | undefined, body: Buffer): void {
  if (header === undefined || header === createHash('md5').update(body).digest('base64')) return
  throw new S3Refusal(400, 'BadDigest', 'The Content-MD5 you specified did not match what we received.')
}
