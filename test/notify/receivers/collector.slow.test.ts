import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { it } from 'node:test'
import { Network } from '../../../network/network.ts'
import { tellReceiver } from '../../../notify/tell-receiver.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { findProgram } from '../../installed-program.ts'
import { REPORT, sampleNotification } from '../sample-notification.ts'
import { receiverOf, told } from './samples.ts'

const collector = findProgram('otelcol')
const skip = collector === null && 'the collector of OpenTelemetry is not installed: .ci/install builds it'
const NETWORK = new Network({ authorities: [], caFile: '', proxy: null, noProxy: [] }, '/nowhere')

it('a real collector of OpenTelemetry takes a crash, and has read what it is', {
  skip,
  timeout: 120_000,
}, async t => {
  const folder = temporaryFolder(t)
  const port = await freePort()
  const file = path.join(folder, 'collector.yaml')
  writeFileSync(
    file,
    `receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:${port}"}}}}
exporters: {debug: {verbosity: detailed}}
service: {telemetry: {metrics: {level: none}}, pipelines: {logs: {receivers: [otlp], exporters: [debug]}}}
`,
  )
  const process = spawn(collector!, ['--config', file], { stdio: ['ignore', 'ignore', 'pipe'] }) // skipped without it
  t.after(async () => {
    process.kill('SIGKILL')
    if (process.exitCode === null && process.signalCode === null) await once(process, 'exit')
  })
  const lines: string[] = []
  const reading = createInterface({ input: process.stderr })[Symbol.asyncIterator]()
  const until = async (words: string) => {
    do {
      const { value, done } = await reading.next()
      assert.notEqual(done, true, `the collector ended:\n${lines.join('\n')}`)
      lines.push(String(value))
    } while (!lines.at(-1)?.includes(words))
  }
  await until('Everything is ready')
  const crash = { reason: 'read of a null pointer', group: 'v2:0f' }
  const notification = sampleNotification({ report: { ...REPORT, crash } })
  const receiver = receiverOf('openTelemetry', `http://127.0.0.1:${port}`)
  const verdict = await tellReceiver(
    receiver,
    told(notification),
    { network: NETWORK },
    AbortSignal.timeout(60_000),
  )
  assert.deepEqual(verdict, { kind: 'ok' })
  await until('Flags:')
  const read = lines.map(line => line.trim())
  for (const line of [
    'EventName: app.crash',
    'SeverityNumber: Fatal(21)',
    'Timestamp: 2026-11-21 04:21:17 +0000 UTC',
    '-> k8s.pod.name: Str(web-0)',
    '-> k8s.container.restart_count: Int(2)',
    '-> exception.type: Str(SIGSEGV)',
    '-> exception.message: Str(read of a null pointer)',
    '-> coredog.crash.group: Str(v2:0f)',
  ])
    assert.ok(read.includes(line), `${line} is not in:\n${read.join('\n')}`)
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}
