import type { AccessAttributes } from './outside.ts'
import type { ResourceRequest } from './resource-request.ts'

/** What RBAC is asked about for a request: as the API server asks it before it sends the request on. */
export function accessAttributes(
  asked: Pick<
    ResourceRequest,
    'verb' | 'group' | 'resource' | 'subresource' | 'namespace' | 'name' | 'query'
  >,
): AccessAttributes {
  const { verb, group, resource, subresource, namespace } = asked
  const name = asked.name ?? selectedName(asked)
  return {
    ...{ verb, group, resource },
    ...(subresource !== null && { subresource }),
    ...(namespace !== null && { namespace }),
    ...(name !== null && { name }),
  }
}

/** A list or watch of one object by its name counts as one of that object: `kubectl get -w NAME` asks so. */
function selectedName({ verb, query }: Pick<ResourceRequest, 'verb' | 'query'>): string | null {
  if (verb !== 'list' && verb !== 'watch') return null
  const selector = query.get('fieldSelector') ?? ''
  // A comma that is escaped parts no terms.
  const terms = selector.includes('\\') ? [] : selector.split(',')
  const [, name = null] = terms.map(term => BY_NAME.exec(term)).find(found => found !== null) ?? []
  return name
}

const BY_NAME = /^metadata\.name={1,2}([a-z0-9.-]{1,253})$/
