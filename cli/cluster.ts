import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { CliError, type ExitCode } from './exit.ts'

export interface ClusterRequest {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** With its query, and what strangers chose in it encoded. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** Ends the body of the answer, too. */
  readonly signal?: AbortSignal
  /** Between two pieces of the answer's body; default 60. */
  readonly silenceSeconds?: number
}

export interface ClusterAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Is read to its end, or destroyed. */
  readonly body: Readable
}

/** The API server of a cluster, as a kubeconfig leads to it. */
export interface Cluster {
  /** For people: context and address. */
  readonly name: string
  /** Of the options, else of the context. */
  readonly namespace: string
  /** Rejects with a {@link ClusterError} for an answer that is no success, and where there is none. */
  send(request: ClusterRequest): Promise<ClusterAnswer>
}

/** The API server, or what stands behind it, refused, or there was no answer. */
export class ClusterError extends CliError {
  override readonly name: string = 'ClusterError'
  /** HTTP's; `null`: there was no answer. */
  readonly status: number | null
  /** As Kubernetes names it: `NotFound`, `Forbidden`, `Expired` …; empty: it does not say. */
  readonly reason: string

  constructor(
    { status, reason, exitCode }: { status: number | null; reason: string; exitCode: ExitCode },
    message: string,
    hint: string,
    cause?: unknown,
  ) {
    super(exitCode, message, hint, cause)
    this.status = status
    this.reason = reason
  }
}

/** Of JSON that is read whole. */
const MOST_BYTES = 64 << 20

/** The object of the answer. */
export async function jsonOf(cluster: Cluster, request: ClusterRequest): Promise<unknown> {
  const accept = { accept: 'application/json', ...request.headers }
  const { body } = await cluster.send({ ...request, headers: accept })
  return JSON.parse(await text(bounded(body, request.path)))
}

async function* bounded(body: Readable, path: string): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    bytes += chunk.length
    if (bytes > MOST_BYTES)
      throw new CliError(1, `Cannot read "${path}": it has more than ${MOST_BYTES} bytes`, 'Ask for less.')
    yield chunk
  }
}
