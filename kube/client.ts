import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Agent, buildConnector, type Dispatcher, request } from 'undici'
import { anySignal } from '../crash/any-signal.ts'
import type { KubeAccess } from './access.ts'
import { KubeError, refused, unreachable, type Verb } from './errors.ts'
import { linesOf } from './lines.ts'
import type { KubeObject, ObjectList } from './objects.ts'

/** Which objects of a collection. */
export interface Selection {
  /** As `spec.nodeName=node-1`. */
  readonly fieldSelector?: string
}

/** A line of a watch. Of a `BOOKMARK`, only the resource version is there; an `ERROR` is a `Status`. */
export interface WatchLine<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: T
}

const CONNECT_SECONDS = 5
const REQUEST_SECONDS = 10
/** The API server ends a watch after this time; one in silence for longer is dead. */
const WATCH_SECONDS = 290
const PAGE = 100
// etcd takes 1.5 MiB an object.
const LARGEST_LINE_BYTES = 4 * 1024 * 1024
const LARGEST_BODY_BYTES = 32 * 1024 * 1024

/**
 * The little of the Kubernetes API that we use. Paths are the API's own: `/api/v1/pods`. Every method
 * rejects with a {@link KubeError}, and after its deadline in any case.
 */
export class KubeClient {
  readonly #access: KubeAccess
  readonly #agent: Agent

  constructor(access: KubeAccess) {
    this.#access = access
    this.#agent = new Agent({ connect: connectorOf(access), maxResponseSize: -1 })
  }

  async get<T extends KubeObject>(path: string, signal?: AbortSignal): Promise<T> {
    return (await this.#ask({ verb: 'get', path, ...given({ signal }) })) as T // as its path says
  }

  /** All of a collection, a page at a time. */
  async list<T extends KubeObject>(
    path: string,
    selection: Selection = {},
    signal?: AbortSignal,
  ): Promise<ObjectList<T>> {
    const items: T[] = []
    let page: ListBody<T> = {}
    do {
      const query = { ...selection, limit: String(PAGE), ...given({ continue: page.metadata?.continue }) }
      page = (await this.#ask({ verb: 'list', path, query, ...given({ signal }) })) as ListBody<T>
      items.push(...(page.items ?? []))
    } while (page.metadata?.continue)
    return { items, resourceVersion: page.metadata?.resourceVersion ?? '' }
  }

  async create<T extends KubeObject>(path: string, body: T, signal?: AbortSignal): Promise<T> {
    return (await this.#ask({ verb: 'create', path, body, ...given({ signal }) })) as T
  }

  /** Merges `body` into the object: JSON merge patch (RFC 7396). */
  async patch<T extends KubeObject>(path: string, body: object, signal?: AbortSignal): Promise<T> {
    return (await this.#ask({ verb: 'patch', path, body, ...given({ signal }) })) as T
  }

  /**
   * What happens to a collection after `resourceVersion`, until the API server ends it, as it does after
   * some minutes, or `signal` is aborted. One that broke off in the middle of a line ends as well.
   */
  async *watchFrom<T extends KubeObject>(
    path: string,
    selection: Selection,
    resourceVersion: string,
    signal: AbortSignal,
  ): AsyncGenerator<WatchLine<T>> {
    const query = {
      ...selection,
      watch: '1',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(WATCH_SECONDS),
      resourceVersion,
    }
    const opened = { verb: 'watch', path, query, signal } as const
    const { body } = await this.#send(opened, WATCH_SECONDS + REQUEST_SECONDS)
    try {
      for await (const line of linesOf(body, LARGEST_LINE_BYTES)) yield JSON.parse(line) as WatchLine<T>
    } catch (cause) {
      throw unreachable('watch', path, cause)
    }
  }

  /** Ends what is under way, too. */
  async close(): Promise<void> {
    await this.#agent.destroy()
  }

  async #ask(asked: Asked): Promise<unknown> {
    const deadline = AbortSignal.timeout(REQUEST_SECONDS * 1000)
    const signal = asked.signal === undefined ? deadline : anySignal([asked.signal, deadline])
    const { body } = await this.#send({ ...asked, signal }, REQUEST_SECONDS)
    try {
      return JSON.parse(await textOf(body, LARGEST_BODY_BYTES))
    } catch (cause) {
      throw unreachable(asked.verb, asked.path, cause)
    }
  }

  async #send({ verb, path, query = {}, body, signal }: Asked, silenceSeconds: number) {
    const response = await this.#request(verb, path, {
      method: METHODS[verb],
      query,
      headers: { ...(await this.#authorization(verb, path)), ...CONTENT_TYPES[verb] },
      headersTimeout: REQUEST_SECONDS * 1000,
      bodyTimeout: silenceSeconds * 1000,
      ...given({ signal, body: body && JSON.stringify(body) }),
    })
    if (response.statusCode < 300) return response
    const text = await textOf(response.body, 64 * 1024).catch(() => '') // the number says enough
    throw refused(verb, path, response.statusCode, text)
  }

  async #request(
    verb: Verb,
    path: string,
    options: Omit<Dispatcher.RequestOptions, 'origin' | 'path'>,
  ): Promise<Dispatcher.ResponseData> {
    try {
      return await request(`${this.#access.url}${path}`, { ...options, dispatcher: this.#agent })
    } catch (cause) {
      throw unreachable(verb, path, cause)
    }
  }

  // Read anew each time: the kubelet replaces the token every hour.
  async #authorization(verb: Verb, path: string): Promise<Record<string, string>> {
    const { tokenFile } = this.#access
    if (tokenFile === null) return {}
    try {
      return { authorization: `Bearer ${(await readFile(tokenFile, 'utf8')).trim()}` }
    } catch (cause) {
      throw new KubeError(`Cannot ${verb} "${path}": the token "${tokenFile}" cannot be read`, {
        status: null,
        reason: 'NoToken',
        hint: 'Let the pod have the token of its service account: automountServiceAccountToken must not be false.',
        cause,
      })
    }
  }
}

/** The name of the namespace that we run in; `null`: nobody says. */
export async function namespaceOf({ namespaceFile }: KubeAccess): Promise<string | null> {
  if (namespaceFile === null) return null
  const name = await readFile(namespaceFile, 'utf8').catch(() => '') // mounted only where the token is
  return name.trim() || null
}

interface Asked {
  readonly verb: Verb
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: object
  readonly signal?: AbortSignal
}

interface ListBody<T> {
  readonly items?: readonly T[]
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string }
}

const METHODS = { get: 'GET', list: 'GET', watch: 'GET', create: 'POST', patch: 'PATCH' } as const

const CONTENT_TYPES: Record<Verb, Readonly<Record<string, string>>> = {
  get: {},
  list: {},
  watch: {},
  create: { 'content-type': 'application/json' },
  patch: { 'content-type': 'application/merge-patch+json' },
}

/** The authority's certificate is read for each connection, so that one that was replaced is trusted. */
function connectorOf({ caFile }: KubeAccess): buildConnector.connector {
  const timeout = CONNECT_SECONDS * 1000
  if (caFile === null) return buildConnector({ timeout })
  return (options, callback) => {
    let ca: string
    try {
      ca = readFileSync(caFile, 'utf8')
    } catch (cause) {
      callback(cause as Error, null) // readFileSync throws nothing else
      return
    }
    buildConnector({ timeout, ca })(options, callback)
  }
}

async function textOf(body: AsyncIterable<Buffer>, longestBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > longestBytes) throw new Error(`the answer has over ${longestBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined | ''> }

/** The record without what is undefined or empty. */
function given<T extends object>(record: T): Given<T> {
  const entries = Object.entries(record).filter(([, value]) => value !== undefined && value !== '')
  return Object.fromEntries(entries) as Given<T>
}
