import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import type { ApiCluster } from './api-cluster.ts'

export interface Downloaded {
  readonly status: number
  readonly bytes: Buffer
}

/** Through the API server, as `user`; absent: as the administrator. */
export function download(
  { kube: { access } }: ApiCluster,
  path: string,
  user?: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Downloaded> {
  const { promise, resolve, reject } = Promise.withResolvers<Downloaded>()
  const authorization = `Bearer ${readFileSync(access.tokenFile ?? '', 'utf8')}`
  const all = { ...headers, authorization, ...(user !== undefined && { 'impersonate-user': user }) }
  const ca = readFileSync(access.caFile ?? '', 'utf8')
  request(`${access.url}${path}`, { headers: all, ca, agent: false }, async response => {
    resolve({ status: response.statusCode ?? 0, bytes: Buffer.concat(await response.toArray()) })
  })
    .on('error', reject)
    .end()
  return promise
}
