import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2'
import { connect as connectSocket } from 'node:net'

/** The largest pod that the API server takes has 256 KiB of annotations. */
const LARGEST_ANSWER_BYTES = 4 * 1024 * 1024

const FRAME_BYTES = 5

/**
 * A service of gRPC on a unix socket, and what it takes to ask it once or twice. A library for it takes longer to load
 * than a runtime to answer, while a process is held.
 */
export class GrpcService {
  readonly #session: ClientHttp2Session
  readonly #failed = Promise.withResolvers<never>()

  /** Connects; what goes wrong with it, {@link ask} says. */
  constructor(socket: string) {
    this.#session = connect('http://localhost', { createConnection: () => connectSocket({ path: socket }) })
    this.#failed.promise.catch(() => undefined)
    this.#session.on('error', this.#failed.reject)
    this.#session.on('close', () => this.#failed.reject(new Error('it closed the connection')))
  }

  /** The message that it answers; `null`: it says that there is no such thing. */
  async ask(method: string, request: Buffer): Promise<Buffer | null> {
    return await Promise.race([this.#failed.promise, this.#ask(method, request)])
  }

  /** Closes the connection, whatever is under way. */
  end(): void {
    this.#session.destroy()
  }

  async #ask(method: string, request: Buffer): Promise<Buffer | null> {
    const stream = this.#session.request({
      ':method': 'POST',
      ':path': method,
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    let headers: IncomingHttpHeaders = {}
    const note = (more: IncomingHttpHeaders) => {
      headers = { ...headers, ...more }
    }
    // What is refused has its status in the headers, and no trailers.
    stream.on('response', note).on('trailers', note)
    stream.end(frameOf(request))
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > LARGEST_ANSWER_BYTES + FRAME_BYTES)
        throw new Error(`its answer is larger than max ${LARGEST_ANSWER_BYTES} bytes`)
    }
    return answerOf(headers, Buffer.concat(chunks))
  }
}

/** https://grpc.io/docs/guides/status-codes/, by number. */
const STATUSES = [
  ...['OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS'],
  ...['PERMISSION_DENIED', 'RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE'],
  ...['UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED'],
]

function answerOf(headers: IncomingHttpHeaders, body: Buffer): Buffer | null {
  const code = headers['grpc-status']
  if (code === undefined) throw new Error(`it speaks no gRPC: HTTP status ${headers[':status'] ?? 'unknown'}`)
  const status = STATUSES[Number(code)] ?? `status ${code}`
  if (status === 'NOT_FOUND') return null
  if (status !== 'OK') throw new Error(`${status}: ${messageIn(headers)}`)
  return messageOf(body)
}

function messageIn(headers: IncomingHttpHeaders): string {
  const text = String(headers['grpc-message'] ?? '')
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Not compressed, and its length: we said that we know no compression. */
function frameOf(message: Buffer): Buffer {
  const head = Buffer.alloc(FRAME_BYTES)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

function messageOf(body: Buffer): Buffer {
  const isWhole = body.length >= FRAME_BYTES && body[0] === 0
  if (!isWhole || body.readUInt32BE(1) !== body.length - FRAME_BYTES)
    throw new Error('its answer is no message of gRPC')
  return body.subarray(FRAME_BYTES)
}
