import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent } from 'node:https'
import { it } from 'node:test'
import { connect } from 'node:tls'
import fc from 'fast-check'
import { inputs } from '../inputs.ts'
import { applyPatch } from './admission/apply-patch.ts'
import { readReview } from './admission/pods.ts'
import { type Asked, askOver, keyPair, startServing } from './serving.ts'

const REVIEW = JSON.stringify(readReview('bare-pod'))

it('POST /mutate answers with a patch that applies, and says in the log what it was asked (A39, A41)', async () => {
  await using serving = await startServing()
  const { status, body, headers } = await serving.ask({
    body: REVIEW,
    headers: { 'content-type': 'Application/JSON; charset=utf-8' },
  })
  assert.deepEqual([status, headers['content-type']], [200, 'application/json'])
  const { response } = JSON.parse(body)
  const asked = readReview('bare-pod').request
  const patched = applyPatch(asked.object, JSON.parse(Buffer.from(response.patch, 'base64').toString()))
  assert.equal(patched.spec.volumes?.at(-1)?.name, 'coredog-corefile')
  assert.deepEqual(serving.lines, [
    `AdmissionReview for Kind=/v1, Kind=Pod, Namespace=shop Name=crash-test UID=${asked.uid} Operation=CREATE`,
    `Injecting corefile volume for pod shop/crash-test (admission-uid: ${asked.uid})`,
  ])
  assert.match(await serving.metrics.text(), /coredog_admissions_total\{outcome="injected"\} 1/)
})

const BAD: Record<string, { asked: Asked; status: number }> = {
  'another Content-Type': { asked: { body: REVIEW, headers: { 'content-type': 'text/yaml' } }, status: 415 },
  'no Content-Type': { asked: { body: REVIEW, headers: { 'content-type': '' } }, status: 415 },
  'an empty body': { asked: { body: '' }, status: 400 },
  'a body that is no JSON': { asked: { body: '{' }, status: 400 },
  'JSON that is no review': { asked: { body: '[5]' }, status: 400 },
  'too long a body': { asked: { body: Buffer.alloc(9 * 1024 * 1024, ' ') }, status: 413 },
  'too long a body without a length': {
    asked: { body: Buffer.alloc(9 * 1024 * 1024, ' '), headers: { 'transfer-encoding': 'chunked' } },
    status: 413,
  },
  'another method': { asked: { method: 'PUT', body: REVIEW }, status: 405 },
  'another path': { asked: { path: '/constructor' }, status: 404 },
}

for (const [what, { asked, status }] of Object.entries(BAD)) {
  it(`the server answers ${status} to ${what}, and goes on (A39)`, async () => {
    await using serving = await startServing()
    assert.equal((await serving.ask(asked)).status, status)
    assert.equal((await serving.ask({ body: REVIEW })).status, 200)
  })
}

it('POST /mutate takes a pod of 2.9 MiB', async () => {
  await using serving = await startServing()
  const review = readReview('bare-pod')
  const [container] = review.request.object.spec.containers
  container!.env = [{ name: 'BIG', value: 'x'.repeat(2.9 * 1024 * 1024) }]
  const { status, body } = await serving.ask({ body: JSON.stringify(review) })
  assert.equal(status, 200)
  assert.equal(JSON.parse(body).response.patchType, 'JSONPatch')
})

it('POST /mutate allows a pod that cannot be read, counts it, and has people told (A40)', async () => {
  await using serving = await startServing()
  const review = readReview('bare-pod')
  Object.assign(review.request.object.spec, { containers: 'none' })
  const { status, body } = await serving.ask({ body: JSON.stringify(review) })
  assert.deepEqual([status, JSON.parse(body).response.allowed], [200, true])
  assert.deepEqual(serving.unread, ['shop/crash-test: Cannot read pod: spec.containers is not a list'])
  assert.match(await serving.metrics.text(), /coredog_admissions_total\{outcome="failed"\} 1/)
})

it('POST /mutate keeps hostile values in their place in the log', async () => {
  await using serving = await startServing()
  const request = { uid: 'a\nb', name: 'x Operation=DELETE', namespace: 'shop', kind: { kind: {} } }
  await serving.ask({ body: JSON.stringify({ request }) })
  assert.equal(
    serving.lines[0],
    'AdmissionReview for Kind=/, Kind=(object), Namespace=shop Name="x Operation=DELETE" UID="a\\nb" Operation=',
  )
})

it('POST /mutate never refuses a review, whatever stands in it, and never crashes', async () => {
  await using serving = await startServing()
  const agent = new Agent({ keepAlive: true })
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async request => {
      const { status, body } = await serving.ask({ body: JSON.stringify({ request }), agent })
      assert.deepEqual([status, JSON.parse(body).response.allowed], [200, true])
    }),
    inputs(),
  )
  agent.destroy()
})

it('POST /mutate says 400 to bytes that are no review, and goes on', async () => {
  await using serving = await startServing()
  const agent = new Agent({ keepAlive: true })
  await fc.assert(
    fc.asyncProperty(fc.uint8Array(), async body => {
      assert.equal((await serving.ask({ body, agent })).status, 400)
    }),
    inputs(),
  )
  agent.destroy()
  assert.equal((await serving.ask({ body: REVIEW })).status, 200)
})

it('GET /health and /ready answer as the original did, and /ready says why not (A39)', async () => {
  await using serving = await startServing()
  const get = async (path: string) => {
    const { status, body } = await serving.ask({ method: 'GET', path })
    return [status, body]
  }
  assert.deepEqual(await get('/health?now'), [200, 'ok'])
  assert.deepEqual(await get('/ready'), [200, 'ready'])
  serving.state.problems = ['there is no certificate yet']
  assert.deepEqual(await get('/ready'), [503, 'there is no certificate yet\n'])
})

it('the server refuses TLS 1.1, also after a rotation (A39)', async () => {
  await using serving = await startServing()
  serving.useKeyPair(keyPair('webhook'))
  const options = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const
  const socket = connect({ port: serving.port, rejectUnauthorized: false, ...options })
  const [error] = await once(socket, 'error')
  assert.match(error.code, /PROTOCOL_VERSION/)
})

it('useKeyPair() counts for new connections, and leaves those that are open', async () => {
  await using serving = await startServing()
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const before = await serving.ask({ body: REVIEW, agent })
  serving.useKeyPair(keyPair('webhook'))
  const after = await serving.ask({ body: REVIEW, agent })
  assert.deepEqual([before.name, after.name, after.localPort], ['fake-kube', 'fake-kube', before.localPort])
  assert.equal((await serving.ask({ body: REVIEW })).name, 'rotated')
  agent.destroy()
})

it('the server that is about to leave answers, and ends the connection after it', async () => {
  await using serving = await startServing()
  const agent = new Agent({ keepAlive: true })
  assert.equal((await serving.ask({ body: REVIEW, agent })).headers.connection, 'keep-alive')
  serving.state.isLeaving = true
  const { status, headers } = await serving.ask({ body: REVIEW, agent })
  assert.deepEqual([status, headers.connection], [200, 'close'])
  agent.destroy()
})

it('close() lets a request under way end, and takes no more', async () => {
  const level = Promise.withResolvers<'privileged'>()
  const arrived = Promise.withResolvers<void>()
  await using serving = await startServing(() => {
    arrived.resolve()
    return level.promise
  })
  const answer = serving.ask({ body: REVIEW })
  await arrived.promise
  serving.state.isLeaving = true
  const closed = serving.close(60)
  await assert.rejects(askOver(serving.port, { body: REVIEW }), { code: 'ECONNREFUSED' })
  level.resolve('privileged')
  assert.deepEqual([(await answer).status, (await answer).headers.connection], [200, 'close'])
  await closed
})

it('the server ends a request that does not come to its end in time', async () => {
  await using serving = await startServing(undefined, {
    headersTimeout: 20,
    requestTimeout: 20,
    connectionsCheckingInterval: 10,
  })
  const socket = await connected(serving.port)
  socket.write(HALF_A_REQUEST)
  const [answer] = await once(socket, 'data')
  assert.match(String(answer), /^HTTP\/1.1 408 /)
})

it('close() breaks off who does not send to the end', async () => {
  await using serving = await startServing()
  const ca = keyPair('kube').certificate
  const socket = connect({ host: '127.0.0.1', port: serving.port, ca, servername: 'localhost' })
  await once(socket, 'secureConnect')
  socket.write(
    'POST /mutate HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
  )
  socket.on('error', () => undefined) // it may be reset
  const broken = once(socket, 'close')
  await serving.ask({ body: REVIEW })
  await serving.close(0)
  await broken
})

const HALF_A_REQUEST =
  'POST /mutate HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{'

async function connected(port: number) {
  const ca = keyPair('kube').certificate
  const socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost' })
  await once(socket, 'secureConnect')
  return socket
}
