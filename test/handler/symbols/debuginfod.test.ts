import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { it, type TestContext } from 'node:test'
import { OperatorError } from '../../../crash/errors.ts'
import { VERSION } from '../../../crash/version.ts'
import { Debuginfod } from '../../../handler/symbols/debuginfod.ts'
import { Network } from '../../../network/network.ts'
import { listenTracked } from '../../tracked-server.ts'
import { BUILD_ID, OTHER_ID, symbolsOf } from './reported.ts'

const NEVER = new AbortController().signal
const PLACE = `/buildid/${BUILD_ID}/debuginfo`

it('find() has what the server has of a build, and says who asks', async t => {
  const asked: IncomingMessage[] = []
  const { source } = await serving(t, (request, response) => {
    asked.push(request)
    if (request.url === PLACE) response.end(symbolsOf())
    else response.writeHead(404).end('none')
  })
  assert.ok((await bytesOf(source.find(BUILD_ID, NEVER)))?.equals(symbolsOf()))
  assert.equal(await source.find(OTHER_ID, NEVER), null)
  const said = asked.map(({ method, headers }) => [method, headers['user-agent']])
  assert.deepEqual(said, Array(2).fill(['GET', `coredog/${VERSION}`]))
})

it('find() asks for many builds at once', async t => {
  const { source } = await serving(t, (_, response) => void response.end(symbolsOf()))
  const all = await Promise.all(Array.from({ length: 8 }, () => bytesOf(source.find(BUILD_ID, NEVER))))
  for (const bytes of all) assert.ok(bytes?.equals(symbolsOf()))
})

it('find() asks nothing that is no build id', async t => {
  let asked = 0
  const { source } = await serving(t, (_, response) => {
    asked += 1
    response.end()
  })
  for (const odd of ['', '..', `${BUILD_ID}/../..`, 'c0ffee'])
    assert.equal(await source.find(odd, NEVER), null)
  assert.equal(asked, 0)
})

it('find() rejects with what the server answers, and a hint', async t => {
  for (const status of [400, 403, 500, 503]) {
    const { source } = await serving(t, (_, response) => void response.writeHead(status).end('no'))
    await assert.rejects(source.find(BUILD_ID, NEVER), (cause: unknown) => {
      assert.ok(cause instanceof OperatorError)
      assert.equal(cause.message, `the server answered ${status}`)
      return cause.hint !== ''
    })
  }
})

it('find() follows a server to another place of its own', async t => {
  const { source } = await serving(t, (request, response) => {
    if (request.url === '/moved') response.end(symbolsOf())
    else response.writeHead(302, { location: '/moved' }).end()
  })
  assert.ok((await bytesOf(source.find(BUILD_ID, NEVER)))?.equals(symbolsOf()))
})

const AWAY = [
  ...[
    'http://169.254.169.254/latest/meta-data',
    'http://localhost:1/',
    'file:///etc/passwd',
    '//other.example/',
  ],
  ...['ftp://127.0.0.1/', 'http://[', PLACE],
]
for (const location of AWAY)
  it(`find() does not follow a server to ${location}`, async t => {
    let asked = 0
    const { source } = await serving(t, (_, response) => {
      asked += 1
      response.writeHead(302, { location }).end()
    })
    await assert.rejects(source.find(BUILD_ID, NEVER), /the server answered 302/)
    assert.ok(asked <= 4)
  })

it('find() ends when its signal aborts, before an answer and within it', async t => {
  for (const begin of [false, true]) {
    const { source } = await serving(t, (_, response) => {
      if (begin) response.write(symbolsOf().subarray(0, 100))
      over.abort(new Error('too late'))
    })
    const over = new AbortController()
    await assert.rejects(bytesOf(source.find(BUILD_ID, over.signal)), /too late|abort/i)
  }
})

it('find() rejects where an answer breaks off', async t => {
  const { source } = await serving(t, (_, response) => {
    response.writeHead(200, { 'content-length': symbolsOf().length })
    response.write(symbolsOf().subarray(0, 100), () => response.destroy())
  })
  await assert.rejects(bytesOf(source.find(BUILD_ID, NEVER)))
})

it('find() goes by the proxy of the network', async t => {
  const proxied: string[] = []
  const { port } = await serving(t, (request, response) => {
    proxied.push(request.url ?? '')
    response.end(symbolsOf())
  })
  const proxy = `http://127.0.0.1:${port}`
  const network = new Network({ authorities: [], caFile: '', proxy, noProxy: [] })
  const source = new Debuginfod('http://debuginfod.example/shop', { network })
  t.after(() => source.end())
  assert.ok((await bytesOf(source.find(BUILD_ID, NEVER)))?.equals(symbolsOf()))
  assert.deepEqual(proxied, [`http://debuginfod.example/shop${PLACE}`])
})

it('placeOf() is the address that was asked', () => {
  const source = new Debuginfod('https://debuginfod.example/of/shop')
  assert.deepEqual(source.placeOf(BUILD_ID), { url: `https://debuginfod.example/of/shop${PLACE}` })
})

async function serving(
  test: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
) {
  const { port, close } = await listenTracked(createServer(answer))
  const source = new Debuginfod(`http://127.0.0.1:${port}`)
  test.after(close)
  test.after(() => source.end())
  return { source, port }
}

async function bytesOf(found: Promise<AsyncIterable<Uint8Array> | null>): Promise<Buffer | null> {
  const body = await found
  if (body === null) return null
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}
