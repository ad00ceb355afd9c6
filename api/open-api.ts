import { VERSION } from '../crash/version.ts'
import { isResource, kindsOf, pathsOf, schemaName } from './open-api-paths.ts'
import type { ServedGroup, ServedResource } from './resource.ts'

/** `/openapi/v2`: the API server makes it part of its own. */
export function openApiV2(groups: readonly ServedGroup[]): object {
  return {
    swagger: '2.0',
    info: INFO,
    paths: Object.assign({}, ...groups.map(group => pathsOf(group, 'v2'))),
    definitions: Object.assign({}, ...groups.map(schemasOf)),
  }
}

/** `/openapi/v3`: where the documents of the groups are. A document of another content has another address. */
export function openApiV3Index(
  groups: readonly ServedGroup[],
  hashOf: (group: ServedGroup) => string,
): object {
  const paths = groups.map(group => {
    const path = `apis/${group.group}/${group.version}`
    return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hashOf(group)}` }]
  })
  return { paths: Object.fromEntries(paths) }
}

/** `/openapi/v3/apis/<group>/<version>` */
export function openApiV3(group: ServedGroup): object {
  return {
    openapi: '3.0.0',
    info: INFO,
    paths: pathsOf(group, 'v3'),
    components: { schemas: schemasOf(group) },
  }
}

const INFO = { title: 'CoreDog', version: `v${VERSION}` }

function schemasOf(group: ServedGroup): object {
  return Object.fromEntries(
    kindsOf(group).map(resource => [schemaName(group, resource.kind), schemaOf(group, resource)]),
  )
}

function schemaOf({ group, version }: ServedGroup, resource: ServedResource): object {
  const { kind, description, schema = {} } = resource
  return {
    type: 'object',
    description: isResource(resource) ? description : '',
    ...schema,
    'x-kubernetes-group-version-kind': [{ group, version, kind }],
  }
}
