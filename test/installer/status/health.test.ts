import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, it } from 'node:test'
import { type Health, type HealthServer, serveHealth } from '../../../installer/status/health.ts'
import type { NodeView } from '../../../node-view/node-view.ts'
import type { PodView } from '../../../node-view/pod-view.ts'

const NOW = new Date('2026-11-21T06:00:00Z')
const servers: HealthServer[] = []
after(() => Promise.all(servers.map(server => server.close())))

it('serveHealth is alive as long as the loop turns', async () => {
  const ask = await serving({ turnedAt: secondsAgo(60), problems: ['the pattern is not ours'] })
  assert.deepEqual(await ask('/healthz'), [200, 'ok\n'])
})

it('serveHealth is not alive when the loop stands still, or never turned', async () => {
  const still = await serving({ turnedAt: secondsAgo(61), problems: [] })
  assert.deepEqual(await still('/healthz'), [503, 'the node was last looked at 61 seconds ago\n'])
  const never = await serving({ turnedAt: null, problems: [] })
  assert.equal((await never('/healthz'))[0], 503)
})

it('serveHealth is ready when a crash would be collected, and says why not otherwise', async () => {
  const ready = await serving({ turnedAt: NOW, problems: [] })
  assert.deepEqual(await ready('/readyz'), [200, 'ok\n'])
  const broken = await serving({ turnedAt: NOW, problems: ['the pattern is not ours', 'no handler'] })
  assert.deepEqual(await broken('/readyz'), [503, 'the pattern is not ours\nno handler\n'])
  const early = await serving({ turnedAt: null, problems: [] })
  assert.deepEqual(await early('/readyz'), [503, 'the node was not looked at yet\n'])
})

it('serveHealth shows the metrics, with the type that Prometheus wants', async () => {
  const ask = await serving({ turnedAt: NOW, problems: [] })
  const response = await ask.raw('/metrics?x=1')
  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4')
  assert.equal(await response.text(), 'coredog_x 1\n')
})

it('serveHealth answers a failure of the metrics with an error', async () => {
  const ask = await serving({ turnedAt: NOW, problems: [] }, () => Promise.reject(new Error('no')))
  assert.deepEqual(await ask('/metrics'), [500, 'no\n'])
})

it('serveHealth knows no other path and takes nothing', async () => {
  const ask = await serving({ turnedAt: NOW, problems: [] })
  assert.equal((await ask('/'))[0], 404)
  assert.equal((await ask('/readyz', { method: 'POST', body: 'x'.repeat(100_000) }))[0], 405)
  assert.deepEqual(await ask('/readyz', { method: 'HEAD' }), [200, ''])
})

it('serveHealth refuses headers without end', async () => {
  const ask = await serving({ turnedAt: NOW, problems: [] })
  assert.equal((await ask('/readyz', { headers: { x: 'y'.repeat(20_000) } }))[0], 431)
})

it('serveHealth does not wait for whoever hangs when it closes', async () => {
  const ask = await serving({ turnedAt: NOW, problems: [] })
  const idle = connect(ask.server.port, '127.0.0.1')
  idle.on('error', () => undefined)
  await once(idle, 'connect')
  idle.write('GET /readyz HTTP/1.1\r\n')
  await ask('/readyz')
  await ask.server.close()
  if (!idle.closed) await once(idle, 'close')
})

it('serveHealth says what to do about a port that is taken', async () => {
  const { server } = await serving({ turnedAt: NOW, problems: [] })
  await assert.rejects(serving({ turnedAt: NOW, problems: [] }, undefined, server.port), {
    name: 'OperatorError',
    message: new RegExp(`^Cannot listen on port ${server.port}: .*EADDRINUSE`),
  })
})

it('serveHealth shows the node and its pods to kubectl coredog', async () => {
  const ask = await serving({ turnedAt: NOW, problems: [] })
  const response = await ask.raw('/status.json')
  assert.equal(response.headers.get('content-type'), 'application/json')
  assert.deepEqual(await response.json(), { node: 'node-1' })
  assert.deepEqual(await ask(`/pods/${UID}`), [200, `{"uid":"${UID}"}\n`])
  assert.deepEqual(await ask('/pods/7d3c'), [404, 'No pod of this node has that uid\n'])
})

it('serveHealth asks for no pod by what is no uid', async () => {
  const ask = await serving({ turnedAt: NOW, problems: [] })
  for (const uid of ['', '..%2f..%2fetc', `${UID}/x`, 'x'.repeat(65), 'a%00', 'broken\u{2028}'])
    assert.match((await ask(`/pods/${uid}`))[1], /^There are/, uid)
})

it('serveHealth answers a view that fails with an error', async () => {
  const ask = await serving({ turnedAt: NOW, problems: [] })
  assert.deepEqual(await ask('/pods/broken'), [500, 'no such folder\n'])
})

const UID = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0'
const views = {
  node: async () => ({ node: 'node-1' }) as NodeView,
  pod: async (uid: string) => {
    if (uid === 'broken') throw new Error('no such folder')
    return uid === UID ? ({ uid } as PodView) : null
  },
}

async function serving(health: Health, text = () => Promise.resolve('coredog_x 1\n'), port = 0) {
  const metrics = { text, contentType: 'text/plain; version=0.0.4' }
  const server = await serveHealth({ port, health: () => health, metrics, views, now: () => NOW })
  servers.push(server)
  const raw = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${server.port}${path}`, init)
  const ask = async (path: string, init?: RequestInit): Promise<[number, string]> => {
    const response = await raw(path, init)
    return [response.status, await response.text()]
  }
  return Object.assign(ask, { raw, server })
}

function secondsAgo(seconds: number): Date {
  return new Date(NOW.getTime() - seconds * 1000)
}
