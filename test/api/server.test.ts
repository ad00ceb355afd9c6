import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent } from 'node:https'
import { it, type TestContext } from 'node:test'
import { connect } from 'node:tls'
import fc from 'fast-check'
import type { AccessAttributes } from '../../api/outside.ts'
import { tooManyRequests, unavailable } from '../../api/status-error.ts'
import { inputs } from '../inputs.ts'
import { askOver, pem, startApi } from './front-proxy.ts'

const BELOW = '/apis/coredog.io/v1alpha1'
const CORE = `${BELOW}/namespaces/shop/coredumps/x`

const ASKED: Record<string, Partial<AccessAttributes>> = {
  [CORE]: { verb: 'get', namespace: 'shop', name: 'x' },
  [`${CORE}/proxy`]: { verb: 'get', subresource: 'proxy', namespace: 'shop', name: 'x' },
  [`${CORE}/proxy/binaries/ab`]: { verb: 'get', subresource: 'proxy', namespace: 'shop', name: 'x' },
  [`${BELOW}/namespaces/shop/coredumps`]: { verb: 'list', namespace: 'shop' },
  [`${BELOW}/namespaces/shop/coredumps?watch=true`]: { verb: 'watch', namespace: 'shop' },
  [`${BELOW}/coredumps?limit=5`]: { verb: 'list' },
  [`${BELOW}/coredumps?fieldSelector=spec.id%3Da,metadata.name%3Dx`]: { verb: 'list', name: 'x' },
  [`${BELOW}/coredumps?fieldSelector=metadata.name!%3Dx`]: { verb: 'list' },
}

for (const [path, attributes] of Object.entries(ASKED)) {
  it(`RBAC is asked, and a user who may not is refused: ${path}`, async t => {
    const asked: AccessAttributes[] = []
    const mayDo = async (_: unknown, one: AccessAttributes) => asked.push(one) > 1
    const { ask } = await startApi(t, undefined, { mayDo })
    const { code, json } = await ask({ path })
    assert.deepEqual([code, json.reason], [403, 'Forbidden'])
    assert.match(json.message, /User "jane" cannot \w+ resource "coredumps/)
    assert.deepEqual(asked, [{ group: 'coredog.io', resource: 'coredumps', ...attributes }])
    assert.equal((await ask({ path })).code, 200)
  })
}

it('what stands behind a subresource is handed over in segments', async t => {
  const { ask } = await startApi(t)
  const { json } = await ask({ path: `${CORE}/proxy/binaries/ab?x=1` })
  assert.deepEqual([json.subresource, json.rest, json.query], ['proxy', ['binaries', 'ab'], { x: '1' }])
})

const REFUSED: Record<string, number> = {
  [`${BELOW}/namespaces/shop/coredumps/..%2f..%2fbank`]: 400,
  [`${BELOW}/namespaces/../coredumps`]: 400,
  [`${BELOW}/namespaces/%2e%2e/coredumps`]: 400,
  [`${BELOW}/namespaces/shop/coredumps/%252e%252e`]: 400,
  [`${CORE}/proxy/..`]: 400,
  [`${CORE}/proxy/a%00b`]: 400,
  [`${CORE}/proxy/a%0d%0ab`]: 400,
  [`${CORE}/proxy/%ff`]: 400,
  [`${CORE}//proxy`]: 400,
  [`${CORE}/proxy/a%5cb`]: 400,
  [`${BELOW}/namespaces/_host/coredumps`]: 404,
  [`${BELOW}/namespaces/Shop/coredumps/x`]: 404,
  [`${BELOW}/namespaces/shop/coredumps/X`]: 404,
  [`${BELOW}/namespaces/${'a'.repeat(64)}/coredumps`]: 404,
  [`${BELOW}/namespaces/shop/coredumps/${'a'.repeat(254)}`]: 404,
  [`${BELOW}/coredumps/x`]: 404,
  [`${CORE}/constructor`]: 404,
  [`${CORE}/proxy/1/2/3/4/5`]: 404,
  '/apis/coredog.io/v1/namespaces/shop/coredumps': 404,
  '/api/v1/pods': 404,
  '/': 404,
  [`${CORE}?${'x=1&'.repeat(100)}`]: 400,
  [`${CORE}?x=${'y'.repeat(9000)}`]: 414,
  [`${CORE}${'/x'.repeat(2000)}`]: 414,
}

it('what no client sends is refused with a Status, and no resource hears of it', async t => {
  const { ask } = await startApi(t, async () => assert.fail('a resource was asked'))
  for (const [path, code] of Object.entries(REFUSED)) {
    const answer = await ask({ path })
    assert.deepEqual([path.slice(0, 99), answer.code, answer.json.kind], [path.slice(0, 99), code, 'Status'])
  }
})

it('whatever the path is, its segments are names or it is refused', async t => {
  const { ask } = await startApi(t)
  const path = fc.string({ unit: 'binary-ascii', maxLength: 30 }).map(encodeURI)
  await fc.assert(
    fc.asyncProperty(path, async text => {
      const { code, json } = await ask({ path: `${CORE}/proxy/${text}` })
      assert.ok([200, 400, 404].includes(code), `${code}`)
      if (code === 200) for (const one of json.rest) assert.match(one, /^(?!\.\.?$)[^/\\%\p{Cc}]+$/u)
    }),
    inputs(100),
  )
})

for (const [method, path] of [
  ['PUT', CORE],
  ['DELETE', CORE],
  ['POST', CORE],
  ['DELETE', `${BELOW}/namespaces/shop/coredumps`],
  ['POST', `${CORE}/proxy`],
  ['POST', '/apis'],
] as const)
  it(`405 to ${method} ${path}`, async t => {
    const { ask } = await startApi(t)
    const { code, json } = await ask({ path, method })
    assert.deepEqual([code, json.reason], [405, 'MethodNotAllowed'])
  })

it('an object is not created in all namespaces at once', async t => {
  const { ask } = await startApi(t)
  assert.equal((await ask({ path: `${BELOW}/coredumps`, method: 'POST' })).code, 400)
})

it('a StatusError is sent as it is, with Retry-After; of another fault nothing is told but to the log', async t => {
  const faults = [tooManyRequests('too many', 7), new Error('the secret is 42')]
  const { ask, lines } = await startApi(t, async () => {
    throw faults.shift()
  })
  const busy = await ask({ path: CORE })
  assert.deepEqual(
    [busy.code, busy.headers['retry-after'], busy.json.details],
    [429, '7', { retryAfterSeconds: 7 }],
  )
  const failed = await ask({ path: CORE })
  assert.deepEqual([failed.code, failed.json.message], [500, 'internal error'])
  assert.match(JSON.stringify(lines), /the secret is 42/)
})

it('an API server that does not say who may what lets nobody in', async t => {
  const mayDo = async () => {
    throw unavailable('the API server does not say whether you may do this', new Error('its address'))
  }
  const { ask } = await startApi(t, async () => assert.fail('a resource was asked'), { mayDo })
  const { code, text } = await ask({ path: CORE })
  assert.equal(code, 503)
  assert.doesNotMatch(text, /its address/)
})

it('an answer that fails in its middle is broken off, so that its client sees it', async t => {
  const { ask } = await startApi(t, async ({ response }) => {
    response.writeHead(200, { 'content-length': 9 }).write('half')
    throw new Error('the store went')
  })
  await assert.rejects(ask({ path: CORE }), { code: 'ECONNRESET' })
})

it('the signal of a request aborts when its client goes', async t => {
  const begun = Promise.withResolvers<AbortSignal>()
  const { port } = await startApi(t, async ({ signal, response }) => {
    response.writeHead(200).write('x')
    begun.resolve(signal)
    await once(signal, 'abort')
  })
  const socket = connect({ port, rejectUnauthorized: false, cert: pem('client'), key: pem('client-key') })
  socket.write(`GET ${CORE} HTTP/1.1\r\nhost: a\r\nx-remote-user: jane\r\n\r\n`)
  const signal = await begun.promise
  assert.equal(signal.aborted, false)
  socket.destroy()
  if (!signal.aborted) await once(signal, 'abort')
})

it('endWatches() ends watches, and leaves the rest alone', async t => {
  const signals = new Map<string, AbortSignal>()
  const both = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  const { ask, server } = await startApi(t, async ({ signal, verb, response }) => {
    signals.set(verb, signal)
    if (signals.size === 2) both.resolve()
    await ended.promise
    response.end('over')
  })
  const answers = [ask({ path: `${BELOW}/coredumps?watch=1` }), ask({ path: CORE })]
  await both.promise
  server.endWatches()
  assert.deepEqual([signals.get('watch')?.aborted, signals.get('get')?.aborted], [true, false])
  ended.resolve()
  await Promise.all(answers)
})

it('probes answer everybody, and readiness says when it is not', async t => {
  const { ask, state } = await startApi(t)
  for (const path of ['/healthz', '/livez', '/readyz'])
    assert.equal((await ask({ path, as: null })).text, 'ok')
  state.isReady = false
  assert.deepEqual([(await ask({ path: '/readyz' })).code, (await ask({ path: '/livez' })).code], [503, 200])
})

it('a request that does not come whole in time is ended', async t => {
  const limits = { headersTimeout: 20, requestTimeout: 20, connectionsCheckingInterval: 10 }
  const { port } = await startApi(t, undefined, { limits })
  const socket = connect({ port, rejectUnauthorized: false })
  socket.write('GET /healthz HTTP/1.1\r\nhost: ')
  const [answer] = await once(socket, 'data')
  assert.match(String(answer), /^HTTP\/1.1 408 /)
})

it('more headers than a user can have are refused, hundreds of groups are not', async t => {
  const { ask } = await startApi(t)
  const groups = (count: number) => Array.from({ length: count }, (_, at) => `a-group-of-the-company-${at}`)
  const { json } = await ask({ path: CORE, headers: { 'X-Remote-Group': groups(500) } })
  assert.equal(json.user.groups.length, 500)
  const tooMany = ask({ path: CORE, headers: { 'X-Remote-Group': groups(2000) } })
  // The answer, or the connection that is closed after it while we still send.
  const { code } = await tooMany.catch((error: { code: string }) => error)
  assert.ok([431, 'ECONNRESET', 'EPIPE'].includes(code), `${code}`)
})

it('requests are counted and logged by resource, verb and code', async t => {
  const { ask, lines, metrics } = await startApi(t)
  await ask({ path: `${CORE}/proxy`, headers: { 'x-remote-user': 'ja\u00a0ne' } })
  await ask({ path: '/nowhere' })
  const text = await metrics.text()
  assert.match(text, /requests_total\{verb="get",resource="coredumps\/proxy",code="200"\} 1/)
  assert.match(text, /requests_total\{verb="",resource="",code="404"\} 1/)
  assert.match(text, /requests_under_way 0/)
  const [line] = lines.filter(({ msg }) => msg === 'request')
  const { verb, resource, namespace, name, code } = line ?? {}
  assert.deepEqual([verb, resource, namespace, name, code], ['get', 'coredumps/proxy', 'shop', 'x', 200])
})

/** What the server says of a connection that its client would keep. */
async function keptBy(t: TestContext, port: number, asked: Parameters<typeof askOver>[1]) {
  const agent = new Agent({ keepAlive: true })
  t.after(() => agent.destroy())
  return (await askOver(port, asked, { agent })).headers.connection
}

it('a server that is about to leave ends connections with its answers', async t => {
  const { port, state } = await startApi(t)
  assert.equal(await keptBy(t, port, { path: CORE }), 'keep-alive')
  state.isLeaving = true
  assert.equal(await keptBy(t, port, { path: CORE }), 'close')
})

it('a connection of whom nobody vouches for is not kept, whatever is asked', async t => {
  const { port } = await startApi(t)
  for (const path of [CORE, '/apis', '/openapi/v3', '/healthz', '/nowhere', '/version'])
    for (const as of [null, 'stranger'] as const)
      assert.equal(await keptBy(t, port, { path, as }), 'close', `${as} ${path}`)
  assert.equal(await keptBy(t, port, { path: '/apis' }), 'keep-alive')
})

it('those that say nothing make way, and the connection of the API server stays', async t => {
  const { port } = await startApi(t, undefined, { turns: { mostBegun: 2 } })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.after(() => agent.destroy())
  const asked = { path: CORE }
  await askOver(port, asked, { agent })
  const [kept] = Object.values(agent.freeSockets).flat()
  const silent = Array.from({ length: 4 }, () =>
    connect({ port, host: '127.0.0.1', rejectUnauthorized: false }),
  )
  for (const socket of silent) socket.resume().on('error', () => undefined)
  t.after(() => {
    for (const socket of silent) socket.destroy()
  })
  await Promise.race(silent.map(socket => new Promise(resolve => socket.once('close', resolve))))
  assert.equal((await askOver(port, asked, { agent })).code, 200)
  assert.equal(Object.values(agent.freeSockets).flat()[0], kept)
})
