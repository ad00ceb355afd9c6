/**
 * How much memory the executable has, as deploy/coredog-api.yaml runs it, where a core of 4 GiB goes through the API
 * server beside as many downloads as there may be, which nobody reads.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import path from 'node:path'
import { it } from 'node:test'
import { indexedFolder } from '../../crash/index-entry.ts'
import { type ApiCluster, NO_API_CLUSTER, startApiCluster } from './api-cluster.ts'

const MIB = 2 ** 20
const CORE_BYTES = 4 * 2 ** 30
const MOST_MIB = 200
/** Of the 32 that there are. */
const UNREAD = 31
const HANDLER = path.resolve(import.meta.dirname, '../../dist/coredog-handler')
const PROGRAM = { command: [HANDLER, 'api'], env: { NODE_OPTIONS: '--max-semi-space-size=2' } }

it('4 GiB stream beside 31 that nobody reads', { skip: NO_API_CLUSTER, timeout: 900_000 }, async t => {
  await using cluster = await startApiCluster([], PROGRAM)
  await cluster.kube.addNamespace('shop')
  const role = ['--clusterrole=coredog-downloader', '--group=readers']
  await cluster.kube.kubectl(['create', 'clusterrolebinding', 'readers', ...role])
  const { entry, name } = await cluster.putCrash({ namespace: 'shop' })
  await cluster.store.put(`${indexedFolder(entry)}/core.gz`, zeros(), CORE_BYTES)
  const proxy = `/apis/coredog.io/v1alpha1/namespaces/shop/coredumps/${name}/proxy`
  const unread = await Promise.all(
    Array.from({ length: UNREAD }, (_, at) => ask(cluster, proxy, `user-${at}`)),
  )
  const read = await ask(cluster, proxy, 'reader')
  assert.deepEqual(
    [...unread, read].filter(({ statusCode }) => statusCode !== 200),
    [],
  )
  let bytes = 0
  for await (const chunk of read as AsyncIterable<Buffer>) bytes += chunk.length
  assert.equal(bytes, CORE_BYTES)
  const most = peakMiBOf(cluster.api.pid)
  t.diagnostic(`VmHWM ${most} MiB`)
  for (const answer of unread) answer.destroy()
  assert.ok(most < MOST_MIB, `${most} MiB`)
})

function* zeros(): Generator<Buffer> {
  const piece = Buffer.alloc(MIB)
  for (let left = CORE_BYTES; left > 0; left -= MIB) yield piece
}

async function ask({ kube: { access } }: ApiCluster, path: string, user: string): Promise<IncomingMessage> {
  const authorization = `Bearer ${readFileSync(access.tokenFile ?? '', 'utf8')}`
  const headers = { authorization, 'impersonate-user': user, 'impersonate-group': 'readers' }
  const ca = readFileSync(access.caFile ?? '', 'utf8')
  const sent = request(`${access.url}${path}`, { headers, ca, agent: false }).end()
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  return answer.on('error', () => undefined)
}

function peakMiBOf(pid: number): number {
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Math.round(Number(kibibytes) / 1024)
}
