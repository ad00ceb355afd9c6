import { createReadStream, globSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Pace } from './pace.ts'

/**
 * An S3 server that gives what is in a folder, each object a file, and takes nothing; in a process of its own, so that
 * what it costs is not measured with its reader. It checks no signature. Its first line on stdout is its port, and it
 * ends with its stdin. It gives `--bytes-per-second`, over all connections, and answers `--latency-ms` late.
 */
const text = { type: 'string' } as const
const { values } = parseArgs({ options: { folder: text, 'bytes-per-second': text, 'latency-ms': text } })
const folder = values.folder ?? '.'
const pace = new Pace(Number(values['bytes-per-second']))
const latencyMs = Number(values['latency-ms'])

const ETAG = { ETag: '"00000000000000000000000000000000"' }
const CHUNK_BYTES = 64 * 1024
// Shorter waits than timers are good for add up until they are one.
const LEAST_WAIT_MS = 5

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  await setTimeout(latencyMs)
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://store')
  if (searchParams.has('list-type')) return void list(searchParams, response)
  // Behind the name of the bucket.
  const file = path.join(folder, decodeURIComponent(pathname.split('/').slice(2).join('/')))
  const stats = statSync(file, { throwIfNoEntry: false })
  if (stats?.isFile() !== true) return void response.writeHead(404).end()
  const [asked, first = 0, last = stats.size - 1] = rangeIn(request.headers.range, stats.size)
  const range = asked && { 'Content-Range': `bytes ${first}-${last}/${stats.size}` }
  const modified = { 'Last-Modified': stats.mtime.toUTCString() }
  response.writeHead(asked ? 206 : 200, {
    ...ETAG,
    ...range,
    ...modified,
    'Content-Length': last - first + 1,
  })
  if (request.method === 'HEAD') return void response.end()
  for await (const chunk of createReadStream(file, { start: first, end: last, highWaterMark: CHUNK_BYTES })) {
    const waitMs = pace.waitMs((chunk as Buffer).length, performance.now())
    if (waitMs > LEAST_WAIT_MS) await setTimeout(waitMs)
    if (response.destroyed) return
    response.write(chunk)
  }
  response.end()
}

/** Whether a part is asked for, its first byte and its last. */
function rangeIn(header: string | undefined, sizeBytes: number): [boolean, number?, number?] {
  const [, first, last = ''] = /^bytes=(\d+)-(\d*)$/.exec(header ?? '') ?? []
  if (first === undefined) return [false]
  return [true, Number(first), Math.min(last === '' ? sizeBytes : Number(last), sizeBytes - 1)]
}

function list(asked: URLSearchParams, response: ServerResponse): void {
  const [prefix, after] = [asked.get('prefix') ?? '', asked.get('start-after') ?? '']
  const keys = globSync('**', { cwd: folder })
    .filter(key => key.startsWith(prefix) && key > after && statSync(path.join(folder, key)).isFile())
    .toSorted()
  const contents = keys.map(key => {
    const { size, mtime } = statSync(path.join(folder, key))
    const modified = `<LastModified>${mtime.toISOString()}</LastModified>`
    return `<Contents><Key>${key}</Key>${modified}<Size>${size}</Size></Contents>`
  })
  const body = `<KeyCount>${keys.length}</KeyCount><IsTruncated>false</IsTruncated>${contents.join('')}`
  response.writeHead(200, { 'Content-Type': 'application/xml' })
  response.end(`<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult>${body}</ListBucketResult>`)
}

const server = createServer((request, response) => {
  serve(request, response).catch(() => response.destroy())
})
server.listen(0, '127.0.0.1', () => {
  // Listening on a TCP port, never on a pipe.
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
})
process.stdin.resume().on('end', () => {
  server.close()
  server.closeAllConnections()
})
