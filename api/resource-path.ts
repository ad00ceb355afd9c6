import type { ServedGroup, ServedResource } from './resource.ts'
import type { Verb } from './resource-request.ts'

/** Which resource a path is about, and which object of it. */
export interface ResourcePath {
  readonly group: ServedGroup
  readonly served: ServedResource
  readonly resource: string
  readonly namespace: string | null
  readonly name: string | null
  readonly subresource: string | null
  readonly rest: readonly string[]
}

const MOST_REST = 4

/** `null`: nothing of ours is there. */
export function resourcePath(
  segments: readonly string[],
  groups: readonly ServedGroup[],
): ResourcePath | null {
  const [root, groupName, version, ...within] = segments
  const group = groups.find(one => one.group === groupName && one.version === version)
  if (root !== 'apis' || group === undefined) return null
  const [namespace, [resource = '', name = null, subresource = null, ...rest]] = namespaceIn(within)
  const served = group.resources.find(
    one => one.name === (subresource === null ? resource : `${resource}/${subresource}`),
  )
  if (served === undefined || (rest.length > 0 && served.takesRest !== true)) return null
  const found = { group, served, resource, namespace, name, subresource, rest }
  return isNamed(found) ? found : null
}

function namespaceIn(segments: readonly string[]): [string | null, readonly string[]] {
  const [first, namespace = null, ...rest] = segments
  return first === 'namespaces' ? [namespace, rest] : [null, segments]
}

/** Objects are of a namespace: without one, there is the list of all. */
function isNamed({ namespace, name, rest }: ResourcePath): boolean {
  if (namespace !== null && !LABEL.test(namespace)) return false
  if (name !== null && (namespace === null || name.length > 253 || !SUBDOMAIN.test(name))) return false
  return rest.length <= MOST_REST && rest.every(segment => segment.length <= 255)
}

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const SUBDOMAIN = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/

/** RBAC's word for what is asked; `null`: no resource of ours has it. */
export function verbOf(method: string, { name }: ResourcePath, query: URLSearchParams): Verb | null {
  const isOfAll = name === null
  if (method === 'POST' && isOfAll) return 'create'
  if (method === 'DELETE' && !isOfAll) return 'delete'
  if (method !== 'GET') return null
  if (!isOfAll) return 'get'
  return ['1', 'true'].includes(query.get('watch') ?? '') ? 'watch' : 'list'
}
