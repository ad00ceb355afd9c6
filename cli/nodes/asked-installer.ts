import { messageOf } from '../../crash/errors.ts'
import { anySignal } from '../../time/any-signal.ts'
import { type Cluster, ClusterError, jsonOf } from '../cluster.ts'
import type { Installer } from './installer.ts'

/** What an installer said, or why not. */
export type Asked =
  | { readonly is: 'answered'; readonly body: unknown }
  /** It knows nothing by that path. */
  | { readonly is: 'not found' }
  /** The API server lets us not ask it. */
  | { readonly is: 'forbidden'; readonly why: string }
  | { readonly is: 'silent'; readonly why: string }

const ANSWER_SECONDS = 10

/** Asks by way of the API server, as `pods/proxy`. Rejects only when `signal` is aborted. */
export async function askInstaller(
  cluster: Cluster,
  { namespace, name, port }: Pick<Installer, 'namespace' | 'name' | 'port'>,
  path: string,
  signal: AbortSignal,
): Promise<Asked> {
  const pod = `${encodeURIComponent(name)}:${port}`
  const proxy = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${pod}/proxy${path}`
  const late = AbortSignal.timeout(ANSWER_SECONDS * 1000)
  try {
    return { is: 'answered', body: await jsonOf(cluster, { path: proxy, signal: anySignal([signal, late]) }) }
  } catch (error) {
    if (signal.aborted) throw signal.reason
    if (late.aborted) return { is: 'silent', why: `it did not answer within ${ANSWER_SECONDS} seconds` }
    return refusedBy(error)
  }
}

function refusedBy(error: unknown): Asked {
  const { status, reason } = error instanceof ClusterError ? error : { status: null, reason: '' }
  // A Status is the API server's own word: it has no such pod any more.
  if (status === 404 && reason !== 'NotFound') return { is: 'not found' }
  return { is: status === 401 || status === 403 ? 'forbidden' : 'silent', why: messageOf(error) }
}
