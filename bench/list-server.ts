import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import pino from 'pino'
import { capacity } from '../api/capacity.ts'
import { coredumpServer } from '../api/coredumps/coredump-server.ts'
import type { Verb } from '../api/resource-request.ts'
import { keepHeapSmall } from '../api/small-heap.ts'
import { StatusError } from '../api/status-error.ts'
import { parseConfig } from '../config/parse-config.ts'
import { CrashIndex } from '../crash-index/crash-index.ts'
import { openStore } from '../storage/open-store.ts'
import { sinkStorage } from './sink.ts'

/**
 * What coredog-api answers of coredumps, with the store at the first argument, to whoever asks: `/shop`, `/` and
 * `/shop/<name>`. A Namespace, a certificate and RBAC it knows nothing of. Its first line on stdout is its port, and
 * it ends with its stdin.
 */
keepHeapSmall()
const [endpoint = ''] = process.argv.slice(2)
const { config } = parseConfig(
  JSON.stringify({ StorageConfig: { ...sinkStorage({ endpoint }), StoreDir: '/' } }),
)
const store = openStore(config.storage)
store.prepare?.()
const outside = {
  ...{ store, index: new CrashIndex(store), cluster: 'bench' },
  mayDo: async () => true,
  namespaceCreated: async () => new Date(0),
  log: pino({ level: 'silent' }),
}
const serve = coredumpServer(outside, capacity())

function verbOf({ url = '' }: IncomingMessage): Verb {
  return /^\/[^/?]+\/./.test(url) ? 'get' : 'list'
}

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://api')
  const [namespace = '', name = ''] = pathname.slice(1).split('/')
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  try {
    await serve({
      user: { name: 'bench', groups: [], extra: {} },
      verb: verbOf(request),
      ...{ group: 'coredog.io', resource: 'coredumps', subresource: null, rest: [] },
      ...{ namespace: namespace || null, name: name || null, query: searchParams },
      ...{ accept: request.headers.accept ?? '', request, response, signal: gone.signal },
    })
  } catch (cause) {
    if (!response.headersSent) response.writeHead(cause instanceof StatusError ? cause.code : 500)
    response.end(String(cause))
  }
})
server.listen(0, '127.0.0.1', () => {
  // Listening on a TCP port, never on a pipe.
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
})
process.stdin.resume().on('end', () => {
  server.close()
  server.closeAllConnections()
})
