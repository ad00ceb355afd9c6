import type { ServedGroup, ServedResource } from './resource.ts'
import type { Verb } from './resource-request.ts'

/** Version of the format of OpenAPI. */
export type Format = 'v2' | 'v3'

/** `io.coredog.v1alpha1.Coredump` */
export function schemaName({ group, version }: ServedGroup, kind: string): string {
  return [...group.split('.').toReversed(), version, kind].join('.')
}

/** The first resource of each kind. */
export function kindsOf({ resources }: ServedGroup): readonly ServedResource[] {
  return resources.filter((one, at) => resources.findIndex(({ kind }) => kind === one.kind) === at)
}

export function isResource({ name }: ServedResource): boolean {
  return !name.includes('/')
}

/** `kubectl explain` finds the kind of a resource by its paths. */
export function pathsOf(group: ServedGroup, format: Format): object {
  const below = `/apis/${group.group}/${group.version}`
  const paths = group.resources.flatMap(resource => {
    const [collection = '', subresource] = resource.name.split('/')
    const namespaced = `${below}/namespaces/{namespace}/${collection}`
    if (subresource !== undefined)
      return [[`${namespaced}/{name}/${subresource}`, operations(group, resource, ['get'], format)]]
    return [
      [`${below}/${collection}`, operations(group, resource, ['list'], format)],
      [namespaced, operations(group, resource, ['list', 'create'], format)],
      [
        `${namespaced}/{name}`,
        { ...operations(group, resource, ['get', 'delete'], format), ...patchOf(group, resource, format) },
      ],
    ]
  })
  return Object.fromEntries(paths)
}

const METHODS: Readonly<Record<Verb, string>> = {
  get: 'get',
  list: 'get',
  watch: 'get',
  create: 'post',
  delete: 'delete',
}

function operations(
  group: ServedGroup,
  resource: ServedResource,
  verbs: readonly Verb[],
  format: Format,
): object {
  const there = verbs.filter(verb => resource.verbs.includes(verb))
  return Object.fromEntries(there.map(verb => [METHODS[verb], operation(group, resource, verb, format)]))
}

/**
 * There is no such operation. kubectl looks here, of all places, whether the server checks the fields of what is
 * created, and where it finds nothing it wants to list CRDs, which tenants may not.
 */
function patchOf(group: ServedGroup, { name, kind, verbs }: ServedResource, format: Format): object {
  if (!verbs.includes('create')) return {}
  const of = { name: 'fieldValidation', in: 'query' }
  const patch = {
    description: 'Refused: delete it, and create it anew.',
    operationId: `patch${name}`,
    parameters: [format === 'v3' ? { ...of, schema: { type: 'string' } } : { ...of, type: 'string' }],
    responses: { 405: { description: 'Method Not Allowed' } },
    'x-kubernetes-group-version-kind': { group: group.group, version: group.version, kind },
  }
  return { patch }
}

function operation(
  group: ServedGroup,
  { kind, description, ...resource }: ServedResource,
  verb: Verb,
  format: Format,
): object {
  const name = schemaName(group, kind)
  const ofV3 = { content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } } }
  const ofV2 = { schema: { $ref: `#/definitions/${name}` } }
  return {
    description,
    operationId: `${verb}${resource.name.replace(/(?:^|\/)(.)/g, (_, letter: string) => letter.toUpperCase())}`,
    responses: {
      200: {
        description: 'OK',
        ...(isResource({ ...resource, kind, description }) && (format === 'v3' ? ofV3 : ofV2)),
      },
    },
    'x-kubernetes-action': verb,
    'x-kubernetes-group-version-kind': { group: group.group, version: group.version, kind },
  }
}
