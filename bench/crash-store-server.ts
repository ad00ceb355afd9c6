import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type IndexEntry, namespaceIndexKey, timeIndexKey } from '../crash/index-entry.ts'

/**
 * An S3 server that has `--crashes` crashes of one namespace in a month, without their cores: names and reports. It
 * answers each request after `--latency-ms`, in a process of its own, and checks no signature. Its first line on
 * stdout is its port, and it ends with its stdin.
 */
const text = { type: 'string' } as const
const { values } = parseArgs({ options: { crashes: text, 'latency-ms': text, now: text } })
const latencyMs = Number(values['latency-ms'] ?? 0)
const MONTH_SECONDS = 30 * 86_400
const PAGE = 1000

const keys = indexOf(Number(values.crashes ?? 0), Number(values.now ?? Date.now()))

function indexOf(count: number, now: number): readonly string[] {
  const crashes = Array.from({ length: count }, (_, at) => crashAt(at, count, now))
  return crashes.flatMap(crash => [timeIndexKey(crash), namespaceIndexKey(crash)]).sort()
}

function crashAt(at: number, count: number, now: number): IndexEntry {
  const secondsAgo = 60 + Math.floor((at * MONTH_SECONDS) / count)
  return {
    cluster: 'bench',
    namespace: 'shop',
    time: new Date(Math.floor(now / 1000 - secondsAgo) * 1000),
    id: at.toString(16).padStart(12, '0'),
    podUid: `6f0c2d4e-6c50-4a5e-9a53-${at.toString(16).padStart(12, '0')}`,
    pod: `checkout-7c9f5d8b6-${at.toString(36).padStart(5, '0')}`,
    container: 'app',
    comm: 'checkout',
    pid: 4242,
    signal: 11,
    storedBytes: 88_000_123,
    group: 'v2:00ff12ab',
  }
}

// Of the size that reports of a program with a dozen threads have.
const FRAMES = Array.from({ length: 20 }, (_, at) => ({
  function: `shop::checkout::step${at}(shop::Cart const&, std::vector<shop::Item> const&)`,
  module: '/app/checkout',
  address: '0x4a2f1c',
  buildId: '5f0c2d4e6c504a5e9a530a4b0a3c9d11aabbccdd',
  trust: 'cfi',
  own: true,
}))

function reportOf(id: string): object {
  return {
    schema: 'coredog.io/report/v1',
    id,
    node: { name: 'node-1' },
    pod: { workload: { kind: 'Deployment', name: 'checkout' } },
    container: { image: 'registry.example/shop/checkout:1.2.3' },
    process: { executable: '/app/checkout' },
    crash: { reason: 'a null pointer was read', reasonCode: 'NullPointer', frames: FRAMES },
    threads: Array.from({ length: 6 }, (_, tid) => ({ tid, frames: FRAMES.slice(0, 10) })),
    core: { key: `shop/${id}/core.gz`, complete: true, sizeBytes: 1_288_490_188, compression: 'gzip' },
    seen: { count: 7 },
  }
}

function answer({ pathname, searchParams }: URL, response: ServerResponse): void {
  const id = /([0-9a-f]{12})\/report\.json$/.exec(pathname)?.[1]
  if (searchParams.has('list-type')) list(searchParams, response)
  else if (id === undefined) response.writeHead(404).end()
  else whole(Buffer.from(JSON.stringify(reportOf(id), null, 2)), response)
}

/** A range is asked for that all of it is in. */
function whole(body: Buffer, response: ServerResponse): void {
  const range = `bytes 0-${body.length - 1}/${body.length}`
  response.writeHead(206, { 'Content-Range': range, 'Content-Length': body.length }).end(body)
}

function list(query: URLSearchParams, response: ServerResponse): void {
  const prefix = query.get('prefix') ?? ''
  const after = query.get('continuation-token') ?? query.get('start-after') ?? ''
  const from = after > prefix ? firstAt(key => key <= after) : firstAt(key => key < prefix)
  const end = firstAt(key => key < prefix || key.startsWith(prefix))
  const found = keys.slice(from, Math.min(from + PAGE, end))
  const isTruncated = from + found.length < end
  const contents = found.map(
    key =>
      `<Contents><Key>${key}</Key><LastModified>2026-11-21T04:21:17.000Z</LastModified><Size>0</Size></Contents>`,
  )
  const next = isTruncated ? `<NextContinuationToken>${found.at(-1)}</NextContinuationToken>` : ''
  const body = `<IsTruncated>${isTruncated}</IsTruncated>${next}<KeyCount>${found.length}</KeyCount>${contents.join('')}`
  response.writeHead(200, { 'Content-Type': 'application/xml' })
  response.end(`<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult>${body}</ListBucketResult>`)
}

/** Index of the first key of which `isBefore` does not hold. */
function firstAt(isBefore: (key: string) => boolean): number {
  let [low, high] = [0, keys.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (isBefore(keys[middle] ?? '')) low = middle + 1
    else high = middle
  }
  return low
}

const server = createServer(async (request, response) => {
  if (latencyMs > 0) await setTimeout(latencyMs)
  answer(new URL(request.url ?? '/', 'http://store'), response)
})
server.listen(0, '127.0.0.1', () => {
  // Listening on a TCP port, never on a pipe.
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
})
process.stdin.resume().on('end', () => {
  server.close()
  server.closeAllConnections()
})
