import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { it } from 'node:test'
import { pino } from 'pino'
import { openPorts } from '../../serving/ports.ts'

it('openPorts() leaves no port open when the second one cannot be had', async t => {
  const ports: number[] = []
  const log = pino(
    {},
    { write: (line: string) => void ports.push(Number(JSON.parse(line).msg.split(' ').at(-1))) },
  )
  const other = createServer().listen(0)
  t.after(() => other.close())
  await once(other, 'listening')
  const { port: metricsPort } = other.address() as { port: number } // listens on TCP
  const options = { port: 0, metricsPort, tls: () => undefined, plain: {}, starting: 'Starting', log }
  await assert.rejects(openPorts(options), /Cannot listen on port \d+: .*EADDRINUSE/)
  const again = createServer().listen(ports[0])
  await once(again, 'listening')
  again.close()
})
