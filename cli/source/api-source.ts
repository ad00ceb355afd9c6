import type { Readable } from 'node:stream'
import type { Coredump } from '../../coredump/coredump.ts'
import { parseReport } from '../../crash/parse-report.ts'
import type { CrashReport } from '../../crash/report.ts'
import { type Cluster, ClusterError, type ClusterRequest, jsonOf } from '../cluster.ts'
import { answeredBytes, rangeFrom } from './answered-bytes.ts'
import { listPath, namedPath, onePath } from './api-paths.ts'
import { watchCoredumps } from './api-watch.ts'
import { atMost } from './at-most.ts'
import { binariesIn } from './binaries-in.ts'
import { coredumpIn, fieldsOf } from './coredump-in.ts'
import { groupCountIn } from './group-count-in.ts'
import { knownReport } from './known-report.ts'
import { linkBytes } from './link-bytes.ts'
import { explained } from './not-installed.ts'
import type { CrashSource, GroupCount, Selection, StoredBinary, StoredBytes } from './source.ts'

const PAGE = '500'
/** As much as is read of one anywhere; of a longer one nothing is understood. */
const MOST_OF_A_REPORT = 1 << 20
const FROM = 'coredog-api'

/** coredog-api, by way of the API server of its cluster. */
export class ApiSource implements CrashSource {
  readonly name: string
  readonly namespace: string
  readonly #cluster: Cluster
  #storeIsAway = false

  constructor(cluster: Cluster) {
    const { name, namespace } = cluster
    this.name = `coredog-api of ${name}`
    this.namespace = namespace
    this.#cluster = { name, namespace, send: request => explained(cluster, request) }
  }

  async *list(selection: Selection, signal?: AbortSignal): AsyncGenerator<Coredump> {
    let more: string | null = ''
    while (more !== null) {
      const asked = { limit: PAGE, ...(more !== '' && { continue: more }) }
      const page = fieldsOf(await this.#json(listPath(selection, asked), signal))
      for (const crash of coredumpsIn(page.items)) {
        if (selection.since !== undefined && new Date(crash.metadata.creationTimestamp) < selection.since)
          return
        yield crash
      }
      const next = fieldsOf(page.metadata).continue
      more = typeof next === 'string' && next !== '' && next !== more ? next : null
    }
  }

  watch(selection: Selection, signal: AbortSignal): AsyncIterable<Coredump> {
    return watchCoredumps(this.#cluster, selection, signal)
  }

  async named(name: string, namespace: string, signal?: AbortSignal): Promise<Coredump | null> {
    return orNull(async () => coredumpIn(await this.#json(namedPath(namespace, name), signal)))
  }

  async report(crash: Coredump, signal?: AbortSignal): Promise<CrashReport> {
    const path = onePath(crash, 'report')
    const { body } = await this.#cluster.send({ path, ...withSignal(signal) })
    const text = (await atMost(body, MOST_OF_A_REPORT)).toString()
    return knownReport(parseReport(text), crash)
  }

  async group(crash: Coredump, signal?: AbortSignal): Promise<GroupCount | null> {
    const answer = await unless([403, 404], () => this.#json(onePath(crash, 'group'), signal))
    return groupCountIn(answer)
  }

  async core(
    crash: Coredump,
    { firstByte = 0, signal }: { firstByte?: number; signal?: AbortSignal } = {},
  ): Promise<StoredBytes> {
    const link = this.#storeIsAway ? null : await this.link(crash, signal)
    const bytes = link === null ? null : await linkBytes(link, { firstByte, signal })
    if (bytes !== null) return bytes
    this.#storeIsAway = true
    return this.#bytes(onePath(crash, 'proxy'), { headers: rangeFrom(firstByte), ...withSignal(signal) })
  }

  async log(crash: Coredump, signal?: AbortSignal): Promise<Readable | null> {
    return orNull(async () => {
      const { body } = await this.#cluster.send({
        path: `${onePath(crash, 'log')}?raw=true`,
        ...withSignal(signal),
      })
      return body
    })
  }

  async binaries(crash: Coredump, signal?: AbortSignal): Promise<readonly StoredBinary[]> {
    return binariesIn(await this.#json(onePath(crash, 'binaries'), signal))
  }

  async binary(crash: Coredump, sha256: string, signal?: AbortSignal): Promise<StoredBytes> {
    return this.#bytes(onePath(crash, 'proxy', 'binaries', sha256), withSignal(signal))
  }

  async symbols(crash: Coredump, buildId: string, signal?: AbortSignal): Promise<StoredBytes | null> {
    return orNull(() => this.#bytes(onePath(crash, 'proxy', 'symbols', buildId), withSignal(signal)))
  }

  /** Who may not ask for links may have the core by way of the server all the same. */
  async link(crash: Coredump, signal?: AbortSignal): Promise<string | null> {
    const asked = () => this.#json(onePath(crash, 'url'), signal)
    const { url } = fieldsOf(await unless([403, 404, 501], asked))
    return typeof url === 'string' ? url : null
  }

  #json(path: string, signal?: AbortSignal): Promise<unknown> {
    return jsonOf(this.#cluster, { path, ...withSignal(signal) })
  }

  async #bytes(path: string, request: Omit<ClusterRequest, 'path'>): Promise<StoredBytes> {
    return answeredBytes(await this.#cluster.send({ path, ...request }), FROM)
  }
}

function coredumpsIn(items: unknown): readonly Coredump[] {
  return Array.isArray(items) ? items.map(coredumpIn).filter(crash => crash !== null) : []
}

/** `null` where the answer has one of these codes. */
async function unless<T>(codes: readonly number[], ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof ClusterError && codes.includes(error.status ?? 0)) return null
    throw error
  }
}

async function orNull<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof ClusterError && error.status === 404 && error.reason === 'NotFound') return null
    throw error
  }
}

function withSignal(signal: AbortSignal | undefined): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}
