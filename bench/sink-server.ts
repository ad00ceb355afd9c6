import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Pace } from './pace.ts'

/**
 * An S3 server that takes everything and keeps nothing, in a process of its own: what it costs is not to be
 * measured with the handler. It checks no signature. Its first line on stdout is its port, and it ends with
 * its stdin. With `--bytes-per-second` it takes no more than that, and with `--latency-ms` it answers so late.
 */
const UPLOAD_ID = 'upload'
const ETAG = { ETag: '"00000000000000000000000000000000"' }
/** Of each object its parts, by their numbers; of one that came whole, one. */
const objects = new Map<string, Map<string, number>>()

type Take = (url: URL, bodyBytes: number, response: ServerResponse) => void

const TAKE: Record<string, Take> = {
  HEAD: ({ pathname }, _, response) => {
    const parts = objects.get(pathname)
    const size = [...(parts?.values() ?? [])].reduce((sum, bytes) => sum + bytes, 0)
    response.writeHead(parts === undefined ? 404 : 200, { ...ETAG, 'Content-Length': size }).end()
  },
  // A list of nothing; and what no S3 tells: the sizes of an object's parts.
  GET: ({ pathname, searchParams }, _, response) => {
    if (searchParams.has('list-type'))
      return xml(response, 'ListBucketResult', '<IsTruncated>false</IsTruncated><KeyCount>0</KeyCount>')
    response.end(JSON.stringify([...(objects.get(pathname)?.values() ?? [])]))
  },
  // A whole object or a part of one.
  PUT: ({ pathname, searchParams }, bodyBytes, response) => {
    const part = searchParams.get('partNumber')
    const parts = (part === null ? undefined : objects.get(pathname)) ?? new Map()
    objects.set(pathname, parts.set(part ?? '1', bodyBytes))
    response.writeHead(200, ETAG).end()
  },
  POST: ({ searchParams }, _, response) => {
    if (searchParams.has('uploads'))
      return xml(response, 'InitiateMultipartUploadResult', `<UploadId>${UPLOAD_ID}</UploadId>`)
    xml(response, 'CompleteMultipartUploadResult', `<ETag>${ETAG.ETag}</ETag>`)
  },
  DELETE: ({ pathname }, _, response) => {
    objects.delete(pathname)
    response.writeHead(204).end()
  },
}

function xml(response: ServerResponse, root: string, content: string): void {
  response.writeHead(200, { 'Content-Type': 'application/xml' })
  response.end(`<?xml version="1.0" encoding="UTF-8"?>\n<${root}>${content}</${root}>`)
}

const text = { type: 'string' } as const
const { values } = parseArgs({ options: { 'bytes-per-second': text, 'latency-ms': text } })
const pace = new Pace(Number(values['bytes-per-second'] ?? Number.POSITIVE_INFINITY))
const latencyMs = Number(values['latency-ms'] ?? 0)

// Shorter waits than timers are good for add up until they are one.
const LEAST_WAIT_MS = 5

/** Who is not read from cannot send: the kernel's buffers fill. */
async function bodyBytesOf(request: IncomingMessage): Promise<number> {
  let bodyBytes = 0
  for await (const chunk of request) {
    const { length } = chunk as Buffer
    bodyBytes += length
    const waitMs = pace.waitMs(length, performance.now())
    if (waitMs > LEAST_WAIT_MS) await setTimeout(waitMs)
  }
  return bodyBytes
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const bodyBytes = await bodyBytesOf(request)
    if (latencyMs > 0) await setTimeout(latencyMs)
    const take = TAKE[request.method ?? '']
    if (take === undefined) response.writeHead(501).end()
    else take(new URL(request.url ?? '/', 'http://sink'), bodyBytes, response)
  } catch {
    // The client went away: no answer can be sent.
    response.destroy()
  }
}

const server = createServer((request, response) => void serve(request, response))
server.listen(0, '127.0.0.1', () => {
  // Listening on a TCP port, never on a pipe.
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
})
process.stdin.resume().on('end', () => {
  server.close()
  server.closeAllConnections()
})
