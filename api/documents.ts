import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { VERSION } from '../crash/version.ts'
import {
  aggregatedDiscovery,
  aggregatedType,
  aggregatedVersion,
  groupList,
  groupOf,
  resourceList,
} from './discovery.ts'
import { openApiV2, openApiV3, openApiV3Index } from './open-api.ts'
import type { ServedGroup } from './resource.ts'
import { sendJson } from './status-answer.ts'

/** What is the same for everybody, and no secret: which resources there are, and what they look like. */
export class Documents {
  readonly #byPath: ReadonlyMap<string, object>
  readonly #groups: readonly ServedGroup[]

  constructor(groups: readonly ServedGroup[]) {
    this.#groups = groups
    this.#byPath = new Map<string, object>([
      ['apis', groupList(groups)],
      ...groups.map(group => [`apis/${group.group}`, groupOf(group)] as const),
      ...groups.map(group => [versionPath(group), resourceList(group)] as const),
      ['openapi/v2', openApiV2(groups)],
      ['openapi/v3', openApiV3Index(groups, group => hashOf(openApiV3(group)))],
      ...groups.map(group => [`openapi/v3/${versionPath(group)}`, openApiV3(group)] as const),
      ['version', { major: '1', minor: '0', gitVersion: `v${VERSION}`, platform: 'linux' }],
    ])
  }

  has(segments: readonly string[]): boolean {
    return this.#byPath.has(segments.join('/'))
  }

  /** Throws where it {@link has} none. */
  send(segments: readonly string[], { headers }: IncomingMessage, response: ServerResponse): void {
    const path = segments.join('/')
    const version = path === 'apis' ? aggregatedVersion(headers.accept ?? '') : null
    const body = version === null ? this.#byPath.get(path) : aggregatedDiscovery(this.#groups, version)
    if (body === undefined) throw new Error(`there is no document "${path}"`)
    const etag = `"${hashOf(body)}"`
    const vary = { etag, vary: 'Accept' }
    if (headers['if-none-match'] === etag) return void response.writeHead(304, vary).end()
    sendJson(response, 200, body, {
      ...vary,
      ...(version !== null && { 'content-type': aggregatedType(version) }),
    })
  }
}

function versionPath({ group, version }: ServedGroup): string {
  return `apis/${group}/${version}`
}

function hashOf(document: object): string {
  return createHash('sha256').update(JSON.stringify(document)).digest('hex').toUpperCase()
}
