import { type Cluster, type ClusterAnswer, ClusterError, type ClusterRequest } from '../cluster.ts'
import { EXIT } from '../exit.ts'

/** The answer; where the API server does not know the API group, or nobody serves it, what to do about that. */
export async function explained(cluster: Cluster, request: ClusterRequest): Promise<ClusterAnswer> {
  try {
    return await cluster.send(request)
  } catch (error) {
    if (error instanceof ClusterError && isUnknownGroup(error)) throw notInstalled(error)
    throw error
  }
}

/** What the API server itself says of a path that nobody serves is no Status: `404 page not found`. */
function isUnknownGroup({ status, reason }: ClusterError): boolean {
  return status === 404 && reason !== 'NotFound'
}

function notInstalled(error: ClusterError): ClusterError {
  return new ClusterError(
    { status: error.status, reason: 'NotInstalled', exitCode: EXIT.error },
    'Cannot ask for crashes: coredog-api is not installed in this cluster',
    'Ask an administrator for it (deploy/overlays/api, or `api.enabled` of the chart), or read the store itself: --bucket s3://NAME or --config coredog.yaml.',
    error,
  )
}
