import { once } from 'node:events'
import { connect as connectPlain, type Socket } from 'node:net'
import { it, type TestContext } from 'node:test'
import { connect } from 'node:tls'
import { pino } from 'pino'
import { listenTls } from '../../serving/server.ts'
import type { Turns } from '../../serving/turns.ts'
import { keyPair } from '../webhook/serving.ts'

const ONE_BY_ONE = { atOnce: 1, turnMs: 2 ** 30, mostBegun: 100, mostConnections: 100 }

// A handshake that says nothing ends by itself after ten seconds.
const timeout = 8_000

for (const [name, turns] of Object.entries({ 'at once': undefined, 'in turns': ONE_BY_ONE }))
  it(`a server whose connections begin ${name} closes, whatever is open`, { timeout }, async t => {
    const listening = await listen(turns)
    const secure = connect({ port: listening.port, host: '127.0.0.1', rejectUnauthorized: false })
    await ready(t, secure, 'secureConnect')
    await ready(t, connectPlain(listening.port, '127.0.0.1'), 'connect')
    await ready(t, connectPlain(listening.port, '127.0.0.1'), 'connect')
    await listening.close(0)
  })

async function listen(turns: Turns | undefined) {
  const log = pino({ enabled: false })
  const listening = await listenTls(0, () => undefined, { log, ...(turns && { turns }) })
  listening.useKeyPair(keyPair('kube'))
  return listening
}

async function ready(t: TestContext, socket: Socket, event: string): Promise<void> {
  t.after(() => socket.destroy())
  await once(socket, event)
  socket.on('error', () => undefined)
}
