import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { pino } from 'pino'
import { capacity } from '../../api/capacity.ts'
import type { ApiOutside } from '../../api/outside.ts'
import type { ResourceRequest, Verb } from '../../api/resource-request.ts'
import { type ServedOptions, servedGroups } from '../../api/resources.ts'
import { StatusError } from '../../api/status-error.ts'
import { CrashIndex } from '../../crash-index/crash-index.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { MemoryStore } from './memory-store.ts'

export interface Served {
  readonly url: string
  readonly store: MemoryStore
  readonly index: CrashIndex
  /** Lines of the log. */
  readonly lines: Readonly<Record<string, unknown>>[]
}

interface Options {
  readonly outside?: Partial<ApiOutside>
  readonly options?: Partial<ServedOptions>
  readonly store?: MemoryStore
}

export const CLUSTER = 'east'

/** The resources behind a server that believes whom it is told to believe, by the header `user`. */
export async function serve(
  t: TestContext,
  { outside = {}, options = {}, store = new MemoryStore() }: Options = {},
): Promise<Served> {
  const lines: Record<string, unknown>[] = []
  // What is not used of a store is not in memory.
  const index = new CrashIndex(store as unknown as ObjectStore)
  const groups = servedGroups(
    {
      store: store as unknown as ObjectStore,
      index,
      cluster: CLUSTER,
      mayDo: async () => false,
      namespaceCreated: async name => (name === 'gone' ? null : new Date('2026-01-01T00:00:00Z')),
      log: pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) }),
      ...outside,
    },
    { detectorPaths: true, capacity: capacity(), ...options },
  )
  const resources = new Map(
    groups.flatMap(({ group, resources }) => resources.map(one => [`${group}/${one.name}`, one] as const)),
  )
  const server = createServer((request, response) => {
    const asked = askedIn(request, response)
    const name = [asked.resource, asked.subresource].filter(part => part !== null).join('/')
    const resource = resources.get(`${asked.group}/${name}`)
    void resource?.serve(asked).catch((error: unknown) => refuse(response, error))
  })
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, store, index, lines }
}

function askedIn(request: IncomingMessage, response: ServerResponse): ResourceRequest {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://api')
  const [, , group = '', , , namespace = null, resource = '', name = null, subresource = null, ...rest] =
    pathname.split('/').map(decodeURIComponent)
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  const verbs: Record<string, Verb> = { POST: 'create', DELETE: 'delete' }
  const verb = verbs[request.method ?? ''] ?? (name === null ? 'list' : 'get')
  const user = { name: String(request.headers.user ?? 'ann'), groups: ['shop-team'], extra: {} }
  const query = { query: searchParams, accept: '', request, response, signal: gone.signal }
  return { user, verb, group, resource, namespace, name, subresource, rest, ...query }
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const { code, reason, message, details, retryAfterSeconds } =
    error instanceof StatusError ? error : new StatusError(500, 'InternalError', String(error))
  const headers = retryAfterSeconds === null ? {} : { 'retry-after': String(retryAfterSeconds) }
  response.writeHead(code, headers)
  response.end(JSON.stringify({ kind: 'Status', code, reason, message, details }))
}
