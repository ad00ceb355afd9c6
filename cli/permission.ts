/** What RBAC calls a request. */
export interface Permission {
  readonly verb: string
  readonly group: string
  /** With its subresource: `pods/proxy`. */
  readonly resource: string
  /** `null`: of the whole cluster. */
  readonly namespace: string | null
  readonly name: string | null
}

/** `null`: a path that names no resource. */
export function permissionOf(method: string, path: string): Permission | null {
  const { pathname, searchParams } = new URL(path, 'http://localhost')
  const [root, ...segments] = pathname.split('/').slice(1).map(decoded)
  if (root !== 'api' && root !== 'apis') return null
  const group = root === 'apis' ? (segments.shift() ?? '') : ''
  segments.shift()
  const namespace = segments[0] === 'namespaces' && segments.length > 2 ? (segments[1] ?? null) : null
  const [resource, name, subresource] = namespace === null ? segments : segments.slice(2)
  if (resource === undefined || resource === '') return null
  return {
    verb: verbOf(method, name, searchParams.get('watch')),
    group,
    resource: [resource, ...(subresource === undefined ? [] : [subresource])].join('/'),
    namespace,
    name: name ?? null,
  }
}

/** The command that says whether one may. */
export function askedByCanI({ verb, group, resource, namespace }: Permission): string {
  const [kind = '', subresource] = resource.split('/')
  const parts = [`kubectl auth can-i ${verb} ${group === '' ? kind : `${kind}.${group}`}`]
  if (subresource !== undefined) parts.push(`--subresource=${subresource}`)
  parts.push(namespace === null ? '-A' : `-n ${namespace}`)
  return parts.join(' ')
}

function verbOf(method: string, name: string | undefined, watch: string | null): string {
  if (method === 'GET' && (watch === 'true' || watch === '1')) return 'watch'
  if (method === 'GET') return name === undefined ? 'list' : 'get'
  return { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }[method] ?? method.toLowerCase()
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
