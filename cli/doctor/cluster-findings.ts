import { COREDUMP_API, COREDUMP_GROUP } from '../../coredump/coredump.ts'
import { messageOf } from '../../crash/errors.ts'
import { fieldsOf } from '../../crash/fields.ts'
import { type Cluster, ClusterError, jsonOf } from '../cluster.ts'
import { type NodesRead, readNodes } from '../status/read-nodes.ts'
import { type Finding, no, note, ok, unknown } from './finding.ts'

interface Asking {
  readonly namespace: string
  readonly systemNamespace: string | undefined
  readonly trialSeconds: number
  readonly signal: AbortSignal
}

/** Is CoreDog on all nodes, does the store work, is its API there, and what may one do. */
export async function clusterFindings(cluster: Cluster, asking: Asking): Promise<readonly Finding[]> {
  const { systemNamespace, trialSeconds, signal } = asking
  const where = systemNamespace === undefined ? {} : { systemNamespace }
  const [nodes, api, rights] = await Promise.all([
    nodeFindings(cluster, { ...where, trialSeconds, signal }),
    apiFinding(cluster, signal),
    rightsFindings(cluster, asking),
  ])
  return [...nodes, api, ...(api.verdict === 'ok' ? rights : [])]
}

async function nodeFindings(
  cluster: Cluster,
  reading: Parameters<typeof readNodes>[1],
): Promise<readonly Finding[]> {
  try {
    return findingsOf(await readNodes(cluster, reading))
  } catch (error) {
    if (error instanceof ClusterError)
      return [unknown(`how CoreDog is on the nodes: ${messageOf(error)}`, error.hint)]
    throw error
  }
}

function findingsOf({ rows, notes }: NodesRead): readonly Finding[] {
  if (rows.length === 0) return [no('there is no installer of CoreDog', 'Install it: docs/install.md.')]
  const well = rows.filter(({ problems }) => problems.length === 0)
  const ill = rows.flatMap(({ node, problems }) =>
    problems.map(({ what, hint }) => no(`${node}: ${what}`, hint)),
  )
  return [
    ...(well.length === rows.length
      ? [ok(`a crash on any of the ${rows.length} nodes would be collected`)]
      : []),
    ...ill.slice(0, MOST),
    ...(ill.length > MOST ? [no(`and ${ill.length - MOST} more`, 'kubectl coredog status shows all.')] : []),
    ...storeFindings(rows),
    ...notes.map(what => unknown(what)),
  ]
}

const MOST = 20

/** What failed is among the problems of the nodes. */
function storeFindings(rows: NodesRead['rows']): readonly Finding[] {
  const tried = rows.filter(({ view }) => view?.trial.checks.some(({ name, ok }) => name === 'storage' && ok))
  if (tried.length === 0) return []
  return [ok(`the store took an object from ${tried.length} of ${rows.length} nodes`)]
}

async function apiFinding(cluster: Cluster, signal: AbortSignal): Promise<Finding> {
  try {
    await jsonOf(cluster, { path: `/apis/${COREDUMP_API}`, signal })
    return ok('coredog-api serves crashes: kubectl coredog list')
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error
    if (error.status === 404)
      return note(
        'coredog-api is not installed: crashes are read from the store itself (--bucket)',
        'docs/install.md says how; it is optional.',
      )
    return no(`coredog-api does not serve: ${messageOf(error)}`, 'kubectl get apiservice v1alpha1.coredog.io')
  }
}

async function rightsFindings(cluster: Cluster, { namespace, signal }: Asking): Promise<readonly Finding[]> {
  const asked = [
    { verb: 'list', resource: 'coredumps', what: 'list crashes' },
    { verb: 'get', resource: 'coredumps', subresource: 'proxy', what: 'download cores' },
  ]
  return await Promise.all(
    asked.map(async ({ what, ...attributes }) => {
      const allowed = await isAllowed(cluster, { namespace, group: COREDUMP_GROUP, ...attributes }, signal)
      if (allowed) return ok(`you may ${what} in the namespace ${namespace}`)
      return note(
        `you may not ${what} in the namespace ${namespace}`,
        'The roles coredog-viewer and coredog-downloader allow it.',
      )
    }),
  )
}

async function isAllowed(
  cluster: Cluster,
  resourceAttributes: object,
  signal: AbortSignal,
): Promise<boolean> {
  const body = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes },
  }
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
  const { status } = fieldsOf(await jsonOf(cluster, { method: 'POST', path, body, signal }))
  return fieldsOf(status).allowed === true
}
