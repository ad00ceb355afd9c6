import { readFile } from 'node:fs/promises'
import { anySignal } from '../time/any-signal.ts'
import type { KubeAccess } from './access.ts'
import { SilenceError } from './answer-body.ts'
import { KubeError, refused, TOO_LARGE, tooLarge, unreachable, type Verb } from './errors.ts'
import { linesOf } from './lines.ts'
import type { KubeObject, ObjectList } from './objects.ts'
import { type Received, type Sent, Transport } from './transport.ts'

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

const REQUEST_SECONDS = 10
/**
 * When the API server ends a watch: by chance, as its own clients have it, so that those of all nodes do not
 * end together.
 */
const SHORTEST_WATCH_SECONDS = 30 * 60
const LONGEST_WATCH_SECONDS = 60 * 60
/**
 * It sends a bookmark each minute: a connection that says nothing for so long is dead, or its server has none
 * to send.
 */
const SILENCE_SECONDS = 300
const PAGE = 100
const FEWER = 10
/**
 * From the API server's memory, whatever its age: no request to etcd, where all pods of the cluster would be
 * read for those of one node.
 */
const FROM_MEMORY = { resourceVersion: '0' }
const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1'
// etcd takes 1.5 MiB an object, of which each byte may be six here: Go writes `\u0026` for an ampersand, and
// `\u0001`.
const LARGEST_LINE_BYTES = 16 * 1024 * 1024
const LARGEST_BODY_BYTES = 32 * 1024 * 1024

/** How requests and watches end. */
interface Ending {
  /** From 0 to 1. */
  readonly random?: () => number
  readonly silenceSeconds?: number
  readonly requestSeconds?: number
}

/**
 * The little of the Kubernetes API that we use. Paths are the API's own: `/api/v1/pods`. Every method rejects
 * with a {@link KubeError}, and after its deadline in any case.
 */
export class KubeClient {
  readonly #access: KubeAccess
  readonly #transport: Transport
  readonly #random: () => number
  readonly #silenceSeconds: number
  readonly #requestSeconds: number

  constructor(
    access: KubeAccess,
    { random = Math.random, silenceSeconds = SILENCE_SECONDS, requestSeconds = REQUEST_SECONDS }: Ending = {},
  ) {
    this.#access = access
    this.#requestSeconds = requestSeconds
    this.#random = random
    this.#silenceSeconds = silenceSeconds
    this.#transport = new Transport(access)
  }

  async get<T extends KubeObject>(path: string, signal?: AbortSignal): Promise<T> {
    return (await this.#ask({ verb: 'get', path, ...given({ signal }) })) as T // as its path says
  }

  /**
   * What an object is called and whose it is, and no more, as the API server remembers it: it may be a little
   * old.
   */
  async getMetadata(path: string, signal?: AbortSignal): Promise<KubeObject> {
    const asked = { verb: 'get', path, query: FROM_MEMORY, accept: METADATA, ...given({ signal }) } as const
    return (await this.#ask(asked)) as KubeObject
  }

  /**
   * All of a collection, as the API server remembers it: it may be a little old, and a watch goes on from
   * there.
   */
  async list<T extends KubeObject>(
    path: string,
    selection: Selection = {},
    signal?: AbortSignal,
  ): Promise<ObjectList<T>> {
    try {
      const query = { ...selection, ...FROM_MEMORY }
      const { items = [], metadata } = await this.#listOnce<T>(path, query, signal)
      return { items, resourceVersion: metadata?.resourceVersion ?? '' }
    } catch (cause) {
      if (isTooLarge(cause)) return this.#listInPages(path, selection, signal)
      throw cause
    }
  }

  /** From etcd: its memory has no pages. */
  async #listInPages<T extends KubeObject>(
    path: string,
    selection: Selection,
    signal?: AbortSignal,
  ): Promise<ObjectList<T>> {
    const items: T[] = []
    let page: ListBody<T> = {}
    let limit = PAGE
    do {
      const query = { ...selection, ...given({ continue: page.metadata?.continue }) }
      ;({ page, limit } = await this.#listPage<T>(path, query, limit, signal))
      items.push(...(page.items ?? []))
    } while (page.metadata?.continue)
    return { items, resourceVersion: page.metadata?.resourceVersion ?? '' }
  }

  /**
   * A page of `most` objects, or of as many fewer as can be read at once: a tenant may make each of its pods as
   * large as there is room.
   */
  async #listPage<T extends KubeObject>(
    path: string,
    query: NonNullable<Asked['query']>,
    most: number,
    signal?: AbortSignal,
  ): Promise<{ readonly page: ListBody<T>; readonly limit: number }> {
    for (let limit = most; ; limit = Math.max(1, Math.floor(limit / FEWER))) {
      try {
        return { limit, page: await this.#listOnce<T>(path, { ...query, limit: String(limit) }, signal) }
      } catch (cause) {
        if (limit === 1 || !isTooLarge(cause)) throw cause
      }
    }
  }

  async #listOnce<T>(path: string, query: Asked['query'], signal?: AbortSignal): Promise<ListBody<T>> {
    return (await this.#ask({ verb: 'list', path, ...given({ query, signal }) })) as ListBody<T>
  }

  async create<T extends KubeObject>(path: string, body: T): Promise<T> {
    return (await this.#ask({ verb: 'create', path, body })) as T
  }

  /** Merges `body` into the object: JSON merge patch (RFC 7396). */
  async patch<T extends KubeObject>(path: string, body: object, signal?: AbortSignal): Promise<T> {
    return (await this.#ask({ verb: 'patch', path, body, ...given({ signal }) })) as T
  }

  /**
   * What happens to a collection after `resourceVersion`, until the API server ends it, as it does after 30
   * to 60 minutes, or says nothing for five, or `signal` is aborted. One that broke off in the middle of a
   * line ends as well.
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
      timeoutSeconds: String(this.#watchSeconds()),
      resourceVersion,
    }
    const opened = { verb: 'watch', path, query, signal } as const
    const { body } = await this.#send(opened, this.#silenceSeconds)
    try {
      for await (const line of linesOf(body, LARGEST_LINE_BYTES)) yield JSON.parse(line) as WatchLine<T>
    } catch (cause) {
      if (cause instanceof SilenceError) return
      throw unreachable('watch', path, cause)
    }
  }

  #watchSeconds(): number {
    return Math.round(
      SHORTEST_WATCH_SECONDS + (LONGEST_WATCH_SECONDS - SHORTEST_WATCH_SECONDS) * this.#random(),
    )
  }

  /** Ends what is under way, too. */
  async close(): Promise<void> {
    this.#transport.close()
  }

  async #ask(asked: Asked): Promise<unknown> {
    const deadline = AbortSignal.timeout(this.#requestSeconds * 1000)
    const signal = asked.signal === undefined ? deadline : anySignal([asked.signal, deadline])
    const { body } = await this.#send({ ...asked, signal }, this.#requestSeconds)
    try {
      return JSON.parse(await textOf(body, LARGEST_BODY_BYTES))
    } catch (cause) {
      if (cause instanceof RangeError) throw tooLarge(asked.verb, asked.path, cause)
      throw unreachable(asked.verb, asked.path, cause)
    }
  }

  async #send(asked: Asked, silenceSeconds: number): Promise<Received> {
    const { verb, path, query = {}, accept, body, signal } = asked
    const response = await this.#request(asked, {
      method: METHODS[verb],
      path: withQuery(path, query),
      headers: {
        ...(await this.#authorization(verb, path)),
        ...CONTENT_TYPES[verb],
        ...given({ accept }),
      },
      answerSeconds: this.#requestSeconds,
      silenceSeconds,
      ...given({ signal, body: body && JSON.stringify(body) }),
    })
    if (response.status < 300) return response
    const text = await textOf(response.body, 64 * 1024).catch(() => '') // the number says enough
    throw refused(verb, path, response.status, text)
  }

  async #request({ verb, path }: Asked, sent: Sent): Promise<Received> {
    try {
      return await this.#transport.send(sent)
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

function isTooLarge(cause: unknown): boolean {
  return cause instanceof KubeError && cause.reason === TOO_LARGE
}

/** The name of the namespace that we run in; `null`: unknown. */
export async function namespaceOf({ namespaceFile }: KubeAccess): Promise<string | null> {
  if (namespaceFile === null) return null
  const name = await readFile(namespaceFile, 'utf8').catch(() => '') // mounted only where the token is
  return name.trim() || null
}

interface Asked {
  readonly verb: Verb
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly accept?: string
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

function withQuery(path: string, query: Readonly<Record<string, string>>): string {
  const text = new URLSearchParams(query).toString()
  return text === '' ? path : `${path}?${text}`
}

async function textOf(body: AsyncIterable<Buffer>, longestBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > longestBytes) throw new RangeError(`the answer has over ${longestBytes} bytes`)
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
