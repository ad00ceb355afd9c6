import type { ServedGroup, ServedResource } from './resource.ts'

/** `/apis/<group>/<version>` */
export function resourceList({ group, version, resources }: ServedGroup): object {
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: `${group}/${version}`,
    resources: resources.map(({ name, kind, verbs, singularName = '', shortNames, categories }) => ({
      ...{ name, singularName, namespaced: true, kind, verbs },
      ...(shortNames && { shortNames }),
      ...(categories && { categories }),
    })),
  }
}

/** `/apis/<group>` */
export function groupOf(group: ServedGroup): object {
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupFields(group) }
}

/** `/apis` */
export function groupList(groups: readonly ServedGroup[]): object {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(groupFields) }
}

function groupFields({ group, version }: ServedGroup): object {
  const preferredVersion = { groupVersion: `${group}/${version}`, version }
  return { name: group, versions: [preferredVersion], preferredVersion }
}

export type AggregatedVersion = 'v2' | 'v2beta1'

/**
 * Which version of the aggregated discovery a client takes, if it names one before plain JSON; `null`: none.
 * https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery
 */
export function aggregatedVersion(accept: string): AggregatedVersion | null {
  for (const range of accept.slice(0, LONGEST_ACCEPT).split(',')) {
    const [type, ...parameters] = range.split(';').map(part => part.trim().toLowerCase())
    if (type !== 'application/json') continue
    const version = parameters.find(parameter => parameter.startsWith('v='))?.slice(2)
    if (version === undefined) return null
    if (version !== 'v2' && version !== 'v2beta1') continue
    if (AGGREGATED.every(parameter => parameters.includes(parameter))) return version
  }
  return null
}

const LONGEST_ACCEPT = 4096
const AGGREGATED = ['g=apidiscovery.k8s.io', 'as=apigroupdiscoverylist']

export function aggregatedType(version: AggregatedVersion): string {
  return `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`
}

/** All of discovery in one document. */
export function aggregatedDiscovery(groups: readonly ServedGroup[], version: AggregatedVersion): object {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map(group => ({
      metadata: { name: group.group, creationTimestamp: null },
      versions: [{ version: group.version, resources: resourcesOf(group), freshness: 'Current' }],
    })),
  }
}

function resourcesOf(group: ServedGroup): object[] {
  return group.resources
    .filter(({ name }) => !name.includes('/'))
    .map(resource => ({
      resource: resource.name,
      responseKind: responseKind(group, resource),
      scope: 'Namespaced',
      singularResource: resource.singularName ?? '',
      verbs: resource.verbs,
      ...(resource.shortNames && { shortNames: resource.shortNames }),
      ...(resource.categories && { categories: resource.categories }),
      subresources: subresourcesOf(group, resource),
    }))
}

function subresourcesOf(group: ServedGroup, { name }: ServedResource): object[] {
  return group.resources
    .filter(sub => sub.name.startsWith(`${name}/`))
    .map(sub => ({
      subresource: sub.name.slice(name.length + 1),
      responseKind: responseKind(group, sub),
      verbs: sub.verbs,
    }))
}

function responseKind({ group, version }: ServedGroup, { kind }: ServedResource): object {
  return { group, version, kind }
}
