import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import path from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { type Sent, Transport } from '../../kube/transport.ts'
import { temporaryFolder } from '../fakes/core-file.ts'
import { listenTracked } from '../tracked-server.ts'

const SILENCE_SECONDS = 300
const ASKED: Sent = {
  method: 'GET',
  path: '/',
  headers: {},
  answerSeconds: 5, // how long a test takes that fails
  silenceSeconds: SILENCE_SECONDS,
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void

/** A server, and a transport to it that has a file to read before it connects. */
async function bench(test: TestContext, listener: Listener) {
  const server = createServer(listener)
  const { port, close } = await listenTracked(server)
  const caFile = path.join(temporaryFolder(test), 'ca.crt')
  writeFileSync(caFile, '')
  const access = { url: `http://127.0.0.1:${port}`, tokenFile: null, caFile, namespaceFile: null }
  const transport = new Transport(access)
  test.after(() => {
    transport.close()
    return close()
  })
  return { server, transport }
}

function answer(_request: IncomingMessage, response: ServerResponse): void {
  response.end('all of it')
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  let text = ''
  for await (const piece of body) text += piece.toString()
  return text
}

describe('send()', () => {
  it('ends when it is told to while it reads the certificate', async t => {
    const { transport } = await bench(t, () => undefined)
    const control = new AbortController()
    const sending = transport.send({ ...ASKED, signal: control.signal })
    control.abort(new Error('enough'))
    await assert.rejects(sending, /^Error: enough$/)
  })

  it('ends an answer that has begun when it is told to', async t => {
    const { transport } = await bench(t, (_request, response) => response.write('some'))
    const control = new AbortController()
    const { body } = await transport.send({ ...ASKED, signal: control.signal })
    const pieces = body[Symbol.asyncIterator]()
    assert.equal(String((await pieces.next()).value), 'some')
    control.abort(new Error('enough'))
    await assert.rejects(pieces.next(), /^Error: enough$/)
  })

  it('closes the connection of an answer that nobody reads, and whoever reads it later hears why', async t => {
    const { server, transport } = await bench(t, (_request, response) => response.write('some'))
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const connected = once(server, 'connection')
    const { body } = await transport.send(ASKED)
    const closed = once((await connected)[0], 'close')
    t.mock.timers.tick(SILENCE_SECONDS * 1000)
    await closed
    await assert.rejects(textOf(body), { name: 'SilenceError' })
  })

  it('does not take a reader that is slow for a server that is silent', async t => {
    const { promise: rest, resolve: sayRest } = Promise.withResolvers<void>()
    const { transport } = await bench(t, (_request, response) => {
      response.write('some')
      void rest.then(() => response.end(' and the rest'))
    })
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const pieces = (await transport.send(ASKED)).body[Symbol.asyncIterator]()
    assert.equal(String((await pieces.next()).value), 'some')
    t.mock.timers.tick(SILENCE_SECONDS * 1000)
    sayRest()
    assert.equal(String((await pieces.next()).value), ' and the rest')
  })

  it('ends an answer that goes silent after a piece of it', async t => {
    const { transport } = await bench(t, (_request, response) => response.write('some'))
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const pieces = (await transport.send(ASKED)).body[Symbol.asyncIterator]()
    await pieces.next()
    const more = pieces.next()
    t.mock.timers.tick(SILENCE_SECONDS * 1000)
    await assert.rejects(more, { name: 'SilenceError' })
  })

  it('rejects where the server changes to another protocol, which nobody asked for', async t => {
    const { transport } = await bench(t, ({ socket }) =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n'),
    )
    await assert.rejects(transport.send(ASKED), /closed without an answer/)
  })

  it('has a connection for one request after another', async t => {
    const { server, transport } = await bench(t, answer)
    let connections = 0
    server.on('connection', () => {
      connections += 1
    })
    for (const _ of [1, 2]) assert.equal(await textOf((await transport.send(ASKED)).body), 'all of it')
    assert.equal(connections, 1)
  })
})

describe('close()', () => {
  it('is the end: what is sent later is rejected', async t => {
    const { transport } = await bench(t, answer)
    transport.close()
    await assert.rejects(transport.send(ASKED), /the client was closed/)
  })

  it('ends a request that still reads the certificate, and it does not connect', async t => {
    const { server, transport } = await bench(t, answer)
    server.on('connection', () => assert.fail('connected'))
    const sending = transport.send(ASKED)
    transport.close()
    await assert.rejects(sending, /the client was closed/)
  })

  it('ends a request that waits for its answer', async t => {
    const { server, transport } = await bench(t, () => undefined)
    const asked = once(server, 'request')
    const sending = transport.send(ASKED)
    await asked
    transport.close()
    await assert.rejects(sending, /the client was closed/)
  })

  it('ends an answer that has begun', async t => {
    const { transport } = await bench(t, (_request, response) => response.write('some'))
    const { body } = await transport.send(ASKED)
    const reading = textOf(body)
    transport.close()
    await assert.rejects(reading, /the client was closed/)
  })
})
