import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { assertAllowed } from './allowed.ts'
import type { Authentication } from './authentication.ts'
import { Documents } from './documents.ts'
import type { Metrics } from './metrics.ts'
import { OpenRequests } from './open-requests.ts'
import type { ApiOutside } from './outside.ts'
import { answerProbe, isProbe } from './probes.ts'
import { requestPath } from './request-path.ts'
import { logRequest, newRecord, type RequestRecord } from './requests.ts'
import type { ServedGroup } from './resource.ts'
import { type ResourcePath, resourcePath, verbOf } from './resource-path.ts'
import { asStatusError, sendStatus } from './status-answer.ts'
import { badRequest, methodNotAllowed, StatusError, unavailable } from './status-error.ts'

/** What every request meets. */
export interface ServerOutside {
  readonly authentication: Pick<Authentication, 'userOf'>
  readonly mayDo: ApiOutside['mayDo']
  readonly metrics: Pick<Metrics, 'begin'>
  /** Whether we may be asked: `/readyz`. */
  readonly isReady: () => boolean
  readonly isLeaving: () => boolean
  /** Told of the connection of each request that somebody vouches for: it stays, whatever others do. */
  readonly welcome: (socket: IncomingMessage['socket']) => void
  readonly log: Logger
}

/** The journey of a request: its path, who asks, whether they may, and who answers. */
export class ApiServer {
  readonly #outside: ServerOutside
  readonly #open = new OpenRequests()
  #groups: readonly ServedGroup[] = []
  #documents: Documents | null = null

  constructor(outside: ServerOutside) {
    this.#outside = outside
  }

  /** What is served from now on. Requests under way go on with what was. */
  use(groups: readonly ServedGroup[]): void {
    this.#groups = groups
    this.#documents = new Documents(groups)
  }

  /** They would not end by themselves. */
  endWatches(): void {
    this.#open.endWatches()
  }

  readonly listener: RequestListener = (request, response) => {
    const { authentication, log, metrics, isLeaving, welcome } = this.#outside
    request.on('error', err => log.debug({ err }, 'request broke off'))
    // A connection that nobody vouches for is not kept: pods could take all that there are, and the API server, whose
    // certificate may be of authorities that we did not know yet, comes again over a new one.
    const isKnown = authentication.userOf(request) !== null
    if (isKnown) welcome(request.socket)
    if (!isKnown || isLeaving()) response.shouldKeepAlive = false
    const record = newRecord()
    const end = metrics.begin()
    const begunAt = performance.now()
    response.once('close', () => {
      end({ ...record, code: response.statusCode })
      logRequest(record, { request, response, seconds: (performance.now() - begunAt) / 1000 }, log)
    })
    void this.#answer(request, response, record)
  }

  async #answer(request: IncomingMessage, response: ServerResponse, record: RequestRecord): Promise<void> {
    try {
      await this.#route(request, response, record)
      if (!response.headersSent) throw new Error('a resource has not answered')
    } catch (thrown) {
      record.fault = thrown
      // Nobody is there to hear it.
      if (!response.destroyed) sendStatus(response, asStatusError(thrown))
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse, record: RequestRecord): Promise<void> {
    const { url = '', method = '' } = request
    const { segments, query } = requestPath(url)
    const [first = ''] = segments
    if (isProbe(segments)) return answerProbe(first, this.#outside.isReady, response)
    if (this.#documents === null) throw unavailable('there is no configuration yet')
    if (this.#documents.has(segments)) {
      if (method !== 'GET') throw methodNotAllowed(method, first)
      return this.#documents.send(segments, request, response)
    }
    const path = resourcePath(segments, this.#groups)
    if (path === null) throw NO_RESOURCE()
    await this.#serve(path, { request, response, query, record })
  }

  async #serve(path: ResourcePath, { request, response, query, record }: Exchange): Promise<void> {
    const { served, namespace, name } = path
    Object.assign(record, { resource: served.name, namespace, name })
    const user = this.#outside.authentication.userOf(request)
    if (user === null) throw new StatusError(401, 'Unauthorized', 'Unauthorized')
    record.user = user
    const verb = verbOf(request.method ?? '', path, query)
    if (verb === null) throw methodNotAllowed(request.method ?? '', served.name)
    record.verb = verb
    const asked = { ...path, group: path.group.group, user, verb, query, request, response }
    await assertAllowed(asked, this.#outside.mayDo)
    if (!served.verbs.includes(verb)) throw methodNotAllowed(verb, served.name)
    if (verb === 'create' && namespace === null) throw badRequest('the path names no namespace')
    const accept = request.headers.accept ?? ''
    await this.#open.during(verb, response, signal => served.serve({ ...asked, accept, signal }))
  }
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly query: URLSearchParams
  readonly record: RequestRecord
}

const NO_RESOURCE = () => new StatusError(404, 'NotFound', 'the server could not find the requested resource')
