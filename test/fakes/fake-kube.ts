import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { KubeAccess } from '../../kube/access.ts'
import type { KubeObject } from '../../kube/objects.ts'
import { eventRefusal, type PostedEvent } from './kube-event.ts'

/**
 * What the fake does instead of answering the next request. `hang`: never answers; `reset`: closes the
 * connection.
 */
export type KubeFault = { readonly status: number; readonly body?: string } | 'hang' | 'reset'

export interface KubeRequest {
  /** RBAC's verb and resource: `watch pods`. */
  readonly action: string
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

export interface FakeKubeOptions {
  readonly objects?: readonly KubeObject[]
  /** HTTPS, with the certificate of `test/fixtures/kube`. */
  readonly tls?: boolean
  readonly namespace?: string
  /** The address to listen on; a pod of the e2e does not see the host's loopback. */
  readonly host?: string
}

export interface FakeKube {
  readonly url: string
  readonly port: number
  /** How to get in: token, authority and namespace are in files, as in a pod, in `folder`. */
  readonly access: KubeAccess
  readonly folder: string
  /** In order; those that were refused, too. */
  readonly requests: readonly KubeRequest[]
  /** On all connections, with all that TLS and HTTP add. */
  readonly answeredBytes: number
  /** The events that were posted and taken. */
  readonly events: readonly PostedEvent[]
  /** Creates or replaces an object; watches hear of it. */
  put(...objects: readonly KubeObject[]): void
  remove(object: KubeObject): void
  /** `get replicasets` and the like are Forbidden from now on. */
  deny(...actions: readonly string[]): void
  allow(...actions: readonly string[]): void
  /** Only the new token is taken; it is in the token's file already. */
  rotateToken(): void
  /** No token is taken any more: as when the service account was deleted. */
  revokeToken(): void
  /** The next requests fail in turn, one by each of `faults`. With `action`, only requests for that. */
  failNext(action: string, ...faults: readonly KubeFault[]): void
  /** Forgets all that has happened: a watch from before is Expired, whether it is open or comes back. */
  forgetHistory(): void
  bookmark(): void
  /** Ends every open watch in good order, as after timeoutSeconds. */
  endWatches(): void
  /** Breaks every open watch off, in the middle of a line. */
  cutWatches(): void
  /** Resolves once `count` watches have been opened in all. */
  watched(count: number): Promise<void>
  /** Resolves once `count` requests for `action` have come in all. */
  asked(action: string, count: number): Promise<void>
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

interface Change {
  readonly version: number
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: KubeObject
}

interface Watcher {
  readonly wanted: (object: KubeObject) => boolean
  readonly response: ServerResponse
}

const FIXTURES = path.join(import.meta.dirname, '../fixtures/kube')
const RESOURCES: Record<string, string> = {
  Pod: '/api/v1 pods',
  Node: '/api/v1 nodes',
  Namespace: '/api/v1 namespaces',
  ReplicaSet: '/apis/apps/v1 replicasets',
  DaemonSet: '/apis/apps/v1 daemonsets',
  Job: '/apis/batch/v1 jobs',
  Event: '/apis/events.k8s.io/v1 events',
  Secret: '/api/v1 secrets',
  ServiceAccount: '/api/v1 serviceaccounts',
  MutatingWebhookConfiguration: '/apis/admissionregistration.k8s.io/v1 mutatingwebhookconfigurations',
  APIService: '/apis/apiregistration.k8s.io/v1 apiservices',
  ConfigMap: '/api/v1 configmaps',
  Lease: '/apis/coordination.k8s.io/v1 leases',
}

/**
 * A server on a port of its own that answers as the Kubernetes API server does, for the kinds above: get,
 * list (in pages) and watch by field selector, create, merge patch, RBAC, tokens, Status bodies.
 */
export async function startFakeKube(options: FakeKubeOptions = {}): Promise<FakeKube> {
  const { namespace = 'coredog-system', host = '127.0.0.1', tls = false } = options
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-fake-kube-'))
  const objects = new Map<string, KubeObject>()
  const history: Change[] = []
  const watchers = new Set<Watcher>()
  const requests: KubeRequest[] = []
  const denied = new Set<string>()
  const faults: { action: string; fault: KubeFault }[] = []
  const waiting: { done: () => boolean; resolve: () => void }[] = []
  let version = 1000
  let forgottenVersion = 0
  let watchesOpened = 0
  let tokens = 0
  let token = ''

  const renewToken = () => {
    tokens += 1
    token = `token-${tokens}`
    writeFileSync(path.join(folder, 'token'), `${token}\n`)
  }
  renewToken()
  writeFileSync(path.join(folder, 'namespace'), namespace)
  writeFileSync(path.join(folder, 'ca.crt'), readFileSync(path.join(FIXTURES, 'certificate.pem')))

  const happened = () => {
    for (const waiter of waiting) if (waiter.done()) waiter.resolve()
  }
  const until = (done: () => boolean) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    waiting.push({ done, resolve })
    happened()
    return promise
  }
  const change = (type: Change['type'], object: KubeObject) => {
    version += 1
    const metadata = { uid: `uid-${version}`, ...object.metadata, resourceVersion: String(version) }
    const changed: Change = { version, type, object: { ...object, metadata } }
    history.push(changed)
    if (type === 'DELETED') objects.delete(keyOf(object))
    else objects.set(keyOf(object), changed.object)
    for (const watcher of watchers) tellOf(changed, watcher)
    return changed.object
  }
  const put = (object: KubeObject) => change(objects.has(keyOf(object)) ? 'MODIFIED' : 'ADDED', object)
  for (const object of options.objects ?? []) put(object)

  const answerTo = (request: KubeRequest, response: ServerResponse) => {
    const target = targetOf(request.path)
    const failing = faults.findIndex(({ action }) => action === request.action)
    if (failing !== -1) return fail(faults.splice(failing, 1)[0]?.fault, response)
    if (request.headers.authorization !== `Bearer ${token}`)
      return sayStatus(response, 401, 'Unauthorized', 'Unauthorized')
    if (denied.has(request.action)) return sayStatus(response, 403, 'Forbidden', forbidden(request, target))
    if (target.resource === '') return sayStatus(response, 404, 'NotFound', 'the server could not find it')
    const collection = [...objects.values()].filter(object => isIn(target, object))
    const wanted = selectorOf(request.query.fieldSelector)
    switch (request.action.split(' ')[0]) {
      case 'get':
        return found(response, target, asAccepted(request, collection))
      case 'list':
        return sayList(response, collection.filter(wanted), request.query, version)
      case 'create':
        return create(request, response, target)
      case 'patch':
        return patch(request, response, target, collection)
      case 'watch':
        return openWatch(request, response, object => isIn(target, object) && wanted(object))
      default:
        return sayStatus(response, 405, 'MethodNotAllowed', 'the server does not allow this method')
    }
  }
  const create = ({ body }: KubeRequest, response: ServerResponse, target: Target) => {
    const object = JSON.parse(body) as KubeObject
    const refusal = target.resource === 'events' ? eventRefusal(object, target.namespace) : null
    if (refusal !== null) return sayStatus(response, 422, 'Invalid', refusal)
    if (objects.has(keyOf(object)))
      return sayStatus(response, 409, 'AlreadyExists', `"${object.metadata?.name}" already exists`)
    say(response, 201, put(object))
  }
  const patch = (
    { body }: KubeRequest,
    response: ServerResponse,
    target: Target,
    collection: KubeObject[],
  ) => {
    const old = collection.find(object => object.metadata?.name === target.name)
    if (old === undefined) return found(response, target, collection)
    const change = JSON.parse(body) as KubeObject
    const version = change.metadata?.resourceVersion ?? old.metadata?.resourceVersion
    if (version !== old.metadata?.resourceVersion)
      return sayStatus(response, 409, 'Conflict', `Operation cannot be fulfilled on "${target.name}"`)
    say(response, 200, put(merged(old, change) as KubeObject))
  }
  const openWatch = (
    { query }: KubeRequest,
    response: ServerResponse,
    wanted: (object: KubeObject) => boolean,
  ) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    const from = Number(query.resourceVersion)
    const watcher = { response, wanted }
    if (from < forgottenVersion) sayExpired(watcher)
    else {
      for (const changed of history) if (changed.version > from) tellOf(changed, watcher)
      watchers.add(watcher)
      response.on('close', () => watchers.delete(watcher))
    }
    watchesOpened += 1
    happened()
  }

  const listener = async (incoming: IncomingMessage, response: ServerResponse) => {
    const request = await requestOf(incoming)
    requests.push(request)
    answerTo(request, response)
    happened()
  }
  const server = tls
    ? createHttpsServer(
        {
          cert: readFileSync(path.join(FIXTURES, 'certificate.pem')),
          key: readFileSync(path.join(FIXTURES, 'key.pem')),
        },
        listener,
      )
    : createHttpServer(listener)
  const sockets: Socket[] = []
  server.on('connection', socket => sockets.push(socket))
  server.listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // listens on TCP
  const url = `${tls ? 'https' : 'http'}://${host}:${port}`

  const close = async () => {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
    rmSync(folder, { recursive: true, force: true })
  }
  return {
    url,
    port,
    folder,
    access: {
      url,
      tokenFile: path.join(folder, 'token'),
      caFile: tls ? path.join(folder, 'ca.crt') : null,
      namespaceFile: path.join(folder, 'namespace'),
    },
    requests,
    get answeredBytes() {
      return sockets.reduce((bytes, { bytesWritten }) => bytes + bytesWritten, 0)
    },
    get events() {
      return [...objects.values()].filter(({ kind }) => kind === 'Event') as PostedEvent[] // checked as they came
    },
    put: (...more) => {
      for (const object of more) put(object)
    },
    remove: object => {
      change('DELETED', objects.get(keyOf(object)) ?? object)
    },
    deny: (...actions) => {
      for (const action of actions) denied.add(action)
    },
    allow: (...actions) => {
      for (const action of actions) denied.delete(action)
    },
    rotateToken: renewToken,
    revokeToken: () => {
      token = 'nobody has this one'
    },
    failNext: (action, ...more) => {
      faults.push(...more.map(fault => ({ action, fault })))
    },
    forgetHistory: () => {
      version += 1
      forgottenVersion = version
      history.length = 0
      for (const watcher of watchers) sayExpired(watcher)
      watchers.clear()
    },
    bookmark: () => {
      version += 1
      const object = { kind: 'Pod', apiVersion: 'v1', metadata: { resourceVersion: String(version) } }
      for (const { response } of watchers) sayLine(response, { type: 'BOOKMARK', object })
    },
    endWatches: () => {
      for (const { response } of watchers) response.end()
      watchers.clear()
    },
    cutWatches: () => {
      for (const { response } of watchers) {
        response.write('{"type":"ADDED","object":{"kind":"Pod","meta', () => response.destroy())
      }
      watchers.clear()
    },
    watched: count => until(() => watchesOpened >= count),
    asked: (action, count) =>
      until(() => requests.filter(request => request.action === action).length >= count),
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function requestOf(incoming: IncomingMessage): Promise<KubeRequest> {
  const url = new URL(incoming.url ?? '/', 'http://kube')
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer) // no encoding is set
  const { method = 'GET', headers } = incoming
  const query = Object.fromEntries(url.searchParams)
  const action = `${verbOf(method, url.pathname, query)} ${targetOf(url.pathname).resource}`
  return { action, method, path: url.pathname, query, headers, body: Buffer.concat(chunks).toString() }
}

function verbOf(method: string, pathname: string, query: Readonly<Record<string, string>>): string {
  if (method === 'POST') return 'create'
  if (method === 'PATCH') return 'patch'
  if (method !== 'GET') return method.toLowerCase()
  if (targetOf(pathname).name !== undefined) return 'get'
  return query.watch === undefined ? 'list' : 'watch'
}

interface Target {
  readonly root: string
  readonly resource: string
  readonly namespace?: string
  readonly name?: string
}

function targetOf(pathname: string): Target {
  const match = /^(\/api\/v1|\/apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?$/.exec(
    pathname,
  )
  const [, root = '', namespace, resource = '', name] = match ?? []
  return {
    root,
    resource,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  }
}

function isIn({ root, resource, namespace }: Target, { kind = '', metadata }: KubeObject): boolean {
  return (
    RESOURCES[kind] === `${root} ${resource}` &&
    (namespace === undefined || metadata?.namespace === namespace)
  )
}

function keyOf({ kind, metadata }: KubeObject): string {
  return `${kind}/${metadata?.namespace ?? ''}/${metadata?.name}`
}

/** `metadata.name=a,spec.nodeName=b` */
function selectorOf(text = ''): (object: KubeObject) => boolean {
  const terms = text.split(',').filter(term => term !== '')
  return object =>
    terms.every(term => {
      const [field = '', value = ''] = term.split('=')
      return field.split('.').reduce<unknown>((at, key) => at?.[key as keyof typeof at], object) === value
    })
}

function merged(old: unknown, change: unknown): unknown {
  if (typeof change !== 'object' || change === null || Array.isArray(change)) return change
  const result: Record<string, unknown> = { ...(old as object) }
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete result[key]
    else result[key] = merged(result[key], value)
  }
  return result
}

function say(response: ServerResponse, status: number, body: unknown): void {
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(typeof body === 'string' ? body : JSON.stringify(body))
}

function statusBody(code: number, reason: string, message: string): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code }
}

function sayStatus(response: ServerResponse, code: number, reason: string, message: string): void {
  say(response, code, statusBody(code, reason, message))
}

function found(
  response: ServerResponse,
  { resource, name }: Target,
  collection: readonly KubeObject[],
): void {
  const object = collection.find(({ metadata }) => metadata?.name === name)
  if (object === undefined) sayStatus(response, 404, 'NotFound', `${resource} "${name}" not found`)
  else say(response, 200, object)
}

function sayList(
  response: ServerResponse,
  all: readonly KubeObject[],
  { limit, continue: at = '0' }: Readonly<Record<string, string>>,
  version: number,
): void {
  const end = limit === undefined ? all.length : Number(at) + Number(limit)
  const metadata = {
    resourceVersion: String(version),
    ...(end < all.length ? { continue: String(end) } : {}),
  }
  say(response, 200, { kind: 'List', apiVersion: 'v1', metadata, items: all.slice(Number(at), end) })
}

/** `as=PartialObjectMetadata`: of what there is, the metadata. */
function asAccepted({ headers }: KubeRequest, collection: readonly KubeObject[]): readonly KubeObject[] {
  if (!String(headers.accept).includes('as=PartialObjectMetadata;g=meta.k8s.io;v=v1')) return collection
  const { kind, apiVersion } = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' }
  return collection.map(({ metadata = {} }) => ({ kind, apiVersion, metadata }))
}

function sayLine(response: ServerResponse, line: object): void {
  response.write(`${JSON.stringify(line)}\n`)
}

function tellOf({ type, object }: Change, { wanted, response }: Watcher): void {
  if (wanted(object)) sayLine(response, { type, object })
}

function sayExpired({ response }: Watcher): void {
  sayLine(response, { type: 'ERROR', object: statusBody(410, 'Expired', 'too old resource version') })
  response.end()
}

function forbidden({ action }: KubeRequest, { root }: Target): string {
  const [verb, resource] = action.split(' ')
  const group = root === '/api/v1' ? '' : root.split('/')[2]
  const who = 'User "system:serviceaccount:coredog-system:coredog"'
  return `${resource} is forbidden: ${who} cannot ${verb} resource "${resource}" in API group "${group}"`
}

function fail(fault: KubeFault | undefined, response: ServerResponse): void {
  if (fault === 'reset') response.destroy()
  else if (typeof fault === 'object') say(response, fault.status, fault.body ?? '')
  // What hangs ends when the server is closed.
}
