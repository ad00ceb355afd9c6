import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:https'
import { type AddressInfo, connect as connectPlain, type Socket } from 'node:net'
import { it, type TestContext } from 'node:test'
import { connect } from 'node:tls'
import { beginInTurns, type Turns } from '../../serving/turns.ts'
import { eventually } from '../api/eventually.ts'
import { keyPair } from '../webhook/serving.ts'

const NEVER_MS = 2 ** 30
const MANY = { mostBegun: 100, mostConnections: 100 }

it('beginInTurns() lets a connection begin once one before it is closed', async t => {
  const { port, server, events } = await serve(t, { atOnce: 1, turnMs: NEVER_MS, ...MANY })
  const first = await opened(t, port)
  const [second] = [opened(t, port), await once(server, 'connection')]
  await eventually(() => events[1])
  assert.deepEqual(events, ['begun', 'secure'])
  first.destroy()
  await second
  await eventually(() => events[3])
  assert.deepEqual(events, ['begun', 'secure', 'begun', 'secure'])
})

it('beginInTurns() waits for one that stays no longer than its turn', async t => {
  const { port, events } = await serve(t, { atOnce: 1, turnMs: 1, ...MANY })
  await opened(t, port)
  // It says nothing.
  await begun(t, port)
  await opened(t, port)
  await eventually(() => events[4])
  assert.equal(events.filter(event => event === 'begun').length, 3)
})

it('beginInTurns() does without one that breaks off before its turn', async t => {
  const { port, server } = await serve(t, { atOnce: 1, turnMs: NEVER_MS, ...MANY })
  const first = await opened(t, port)
  const [gone, [there]] = await Promise.all([begun(t, port), once(server, 'connection') as Promise<[Socket]>])
  gone.resetAndDestroy()
  await new Promise(resolve => there.once('close', resolve))
  const third = opened(t, port)
  first.destroy()
  await third
})

async function serve(t: TestContext, turns: Turns) {
  const { certificate: cert, key } = keyPair('kube')
  const events: string[] = []
  const server = createServer({ cert, key })
  server.on('connection', () => events.push('begun'))
  beginInTurns(server, turns)
  server.on('secureConnection', socket => {
    events.push('secure')
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return { server, events, port: (server.address() as AddressInfo).port }
}

async function opened(t: TestContext, port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
  t.after(() => socket.destroy())
  await once(socket, 'secureConnect')
  return socket
}

async function begun(t: TestContext, port: number): Promise<Socket> {
  const socket = connectPlain(port, '127.0.0.1')
  t.after(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}
