import type { Coredump } from '../../coredump/coredump.ts'
import { linesOf } from '../../kube/lines.ts'
import { backoff } from '../../time/backoff.ts'
import { pause } from '../../time/pause.ts'
import { type Cluster, ClusterError, jsonOf } from '../cluster.ts'
import { EXIT } from '../exit.ts'
import { listPath } from './api-paths.ts'
import { coredumpIn, fieldsOf } from './coredump-in.ts'
import type { Selection } from './source.ts'

/** An object with its reason is some kilobytes. */
const LONGEST_LINE = 1 << 20
/** A watch is closed by servers and proxies in between; a bookmark comes each minute. */
const SILENCE_SECONDS = 300
const PAUSE_SECONDS = { first: 1, longest: 30 }

/** What comes from now on, over as many watches as it takes. */
export async function* watchCoredumps(
  cluster: Cluster,
  selection: Selection,
  signal: AbortSignal,
): AsyncGenerator<Coredump> {
  const feed = new Feed(cluster, selection, signal)
  // What is wrong with the request itself shows here, before anything is waited for.
  await feed.begin()
  for (let failures = 0; !signal.aborted; failures += 1) {
    for await (const crash of feed.goOn()) {
      failures = 0
      yield crash
    }
    await pause(backoff(PAUSE_SECONDS, failures + 1), signal)
  }
}

class Feed {
  readonly #cluster: Cluster
  readonly #selection: Selection
  readonly #signal: AbortSignal
  #version = ''

  constructor(cluster: Cluster, selection: Selection, signal: AbortSignal) {
    this.#cluster = cluster
    this.#selection = selection
    this.#signal = signal
  }

  async begin(): Promise<void> {
    const path = listPath(this.#selection, { limit: '1' })
    this.#version = versionOf(await jsonOf(this.#cluster, { path, signal: this.#signal })) ?? ''
  }

  /** Until the server ends it. Rejects with what will be so the next time, too. */
  async *goOn(): AsyncGenerator<Coredump> {
    try {
      for await (const { type, object } of this.#events()) {
        if (type === 'ERROR') throw expired(object)
        this.#version = versionOf(object) ?? this.#version
        const crash = type === 'ADDED' ? coredumpIn(object) : null
        if (crash !== null) yield crash
      }
    } catch (error) {
      if (this.#signal.aborted) return
      if (error instanceof ClusterError && error.status === 410) return await this.begin()
      if (!passes(error)) throw error
    }
  }

  async *#events(): AsyncGenerator<{ type: unknown; object: unknown }> {
    const path = listPath(this.#selection, {
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: this.#version,
    })
    const asked = { path, signal: this.#signal, silenceSeconds: SILENCE_SECONDS }
    const { body } = await this.#cluster.send(asked)
    for await (const line of linesOf(body, LONGEST_LINE)) {
      const { type, object } = fieldsOf(JSON.parse(line))
      yield { type, object }
    }
  }
}

function versionOf(object: unknown): string | null {
  const { resourceVersion } = fieldsOf(fieldsOf(object).metadata)
  return typeof resourceVersion === 'string' ? resourceVersion : null
}

function expired(status: unknown): ClusterError {
  const { code, message } = fieldsOf(status)
  const known = { status: typeof code === 'number' ? code : 500, reason: 'Expired', exitCode: EXIT.error }
  return new ClusterError(known, `Cannot watch: ${String(message).slice(0, 300)}`, 'Try again.')
}

/** Of what is refused only what the server itself cannot help passes; no answer at all may be anything. */
function passes(error: unknown): boolean {
  if (!(error instanceof ClusterError)) return true
  return error.status === null || error.status >= 500 || error.status === 429
}
