import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { Worker } from 'node:worker_threads'
import { heardOut } from '../../network/heard-out.ts'

describe('heardOut()', () => {
  it('hears the answer of a server that closes without reading all of the body', async () => {
    const closed = new Int32Array(new SharedArrayBuffer(4))
    const server = new Worker(new URL('../fakes/early-refuser.ts', import.meta.url), {
      workerData: closed.buffer,
    })
    try {
      const [{ port }] = (await once(server, 'message')) as [AddressInfo]
      const options = { port, host: '127.0.0.1', method: 'PUT', headers: { 'content-length': 20 } }
      const sent = request({ ...options, agent: new HearingAgent() })
      // No turn of our event loop until the connection was reset, so that we write before we read.
      sent.write('0123456789', () => {
        Atomics.wait(closed, 0, 0)
        sent.end('0123456789')
      })
      const failed = once(sent, 'error').then(([{ syscall }]) => syscall)
      const [answer] = (await once(sent, 'response')) as [IncomingMessage]
      assert.deepEqual([answer.statusCode, await text(answer)], [403, 'no'])
      assert.equal(await failed, 'write')
    } finally {
      await server.terminate()
    }
  })
})

class HearingAgent extends Agent {
  override createConnection(...args: Parameters<Agent['createConnection']>) {
    return heardOut(super.createConnection(...args) as Socket)
  }
}
