import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerHttp2Stream } from 'node:http2'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { GrpcService } from '../../../handler/identity/grpc-service.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'

/** A service whose server does `answer`. */
async function serviceOf(
  test: TestContext,
  answer: (stream: ServerHttp2Stream) => void,
): Promise<GrpcService> {
  const socket = path.join(temporaryFolder(test), 'socket')
  const server = createServer().on('stream', answer).listen(socket)
  await once(server, 'listening')
  const service = new GrpcService(socket)
  test.after(() => {
    service.end()
    server.close()
  })
  return service
}

function answering(body: Buffer, trailers: object = { 'grpc-status': '0' }) {
  return (stream: ServerHttp2Stream) => {
    stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ ...trailers }))
    stream.end(body)
  }
}

const ask = (service: GrpcService) => service.ask('/a.B/C', Buffer.from('?'))

it('ask() has the message that was answered', async t => {
  const service = await serviceOf(t, answering(Buffer.from('000000000568656c6c6f', 'hex')))
  assert.equal((await ask(service))?.toString(), 'hello')
})

const NO_MESSAGE = {
  'half of one': '000000000568',
  'a compressed one': '010000000568656c6c6f',
  two: '0000000000'.repeat(2),
}
for (const [what, hex] of Object.entries(NO_MESSAGE)) {
  it(`ask() rejects at what is no message: ${what}`, async t => {
    const service = await serviceOf(t, answering(Buffer.from(hex, 'hex')))
    await assert.rejects(ask(service), /its answer is no message of gRPC/)
  })
}

it('ask() says the status, and what there is to say of it', async t => {
  const trailers = { 'grpc-status': '7', 'grpc-message': 'who%20are you? 100%' }
  await assert.rejects(ask(await serviceOf(t, answering(Buffer.alloc(0), trailers))), {
    message: 'PERMISSION_DENIED: who%20are you? 100%',
  })
  const better = { 'grpc-status': '99', 'grpc-message': 'who%20are you?' }
  await assert.rejects(ask(await serviceOf(t, answering(Buffer.alloc(0), better))), {
    message: 'status 99: who are you?',
  })
})

it('ask() rejects where another server listens', async t => {
  const service = await serviceOf(t, stream => {
    stream.respond({ ':status': 404 })
    stream.end('not found')
  })
  await assert.rejects(ask(service), { message: 'it speaks no gRPC: HTTP status 404' })
})

it('ask() rejects when the connection ends', async t => {
  const service = await serviceOf(t, stream => stream.session?.destroy())
  await assert.rejects(ask(service))
})
