import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * An S3 server that takes everything and keeps nothing, in a process of its own: what it costs is not to be
 * measured with the handler. It checks no signature. Its first line on stdout is its port, and it ends with
 * its stdin.
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
  // What no S3 tells: the sizes of an object's parts.
  GET: ({ pathname }, _, response) => {
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

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let bodyBytes = 0
  try {
    for await (const chunk of request) bodyBytes += (chunk as Buffer).length
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
