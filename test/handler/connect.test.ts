import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { parseConfig } from '../../config/parse-config.ts'
import { connect } from '../../handler/connect.ts'
import { temporaryFolder } from '../fakes/core-file.ts'
import { openLogLines } from '../installer/log-lines.ts'

function connected(folder: string) {
  const { log, lines } = openLogLines()
  const { config } = parseConfig(`StorageConfig: {protocol: cfs, CFSMountPath: "${folder}"}
limits: {concurrency: 1, maxWait: 60s}
paths: {state: "${folder}", run: "${folder}/run"}`)
  const warnings = () => lines.filter(({ level }) => Number(level) >= 40).map(({ msg }) => msg)
  return { outside: connect(config, log), warnings }
}

/** It is let go at no time. */
const HELD = new Promise<void>(() => undefined)

/** As any process of the node's network namespace can. */
async function bindAbstract(test: TestContext, name: string): Promise<void> {
  const server = createServer()
  test.after(() => void server.close())
  server.listen(`\0${name}`)
  await once(server, 'listening').catch(error => {
    // Another process of this machine has it already, which is as good.
    if (error.code !== 'EADDRINUSE') throw error
  })
}

it('connect() has turns that nobody else can take', { timeout: 120_000 }, async t => {
  await bindAbstract(t, 'coredog-handler-0')
  await bindAbstract(t, 'coredog-handler-waits-0')
  const { outside, warnings } = connected(temporaryFolder(t))
  await outside.waitToStream(null, HELD)
  ;(await outside.waitToInspect({ kind: 'host' })).end()
  outside.letGo()
  assert.deepEqual(warnings(), [])
})

it('connect() takes no turn for a process that is let go while it waits', { timeout: 120_000 }, async t => {
  const folder = temporaryFolder(t)
  const [first, second, third] = [connected(folder), connected(folder), connected(folder)]
  await first.outside.waitToStream(null, HELD)
  const letGo = Promise.withResolvers<void>()
  const waiting = second.outside.waitToStream(null, letGo.promise)
  letGo.resolve()
  await waiting
  first.outside.letGo()
  await third.outside.waitToStream(null, HELD)
  for (const { outside, warnings } of [first, second, third]) {
    outside.letGo()
    assert.deepEqual(warnings(), [])
  }
})

it('connect() goes ahead where there can be no turns, and says so', async t => {
  const folder = temporaryFolder(t)
  writeFileSync(path.join(folder, 'run'), 'no folder')
  const { outside, warnings } = connected(folder)
  await outside.waitToStream(null, HELD)
  assert.deepEqual(warnings(), ['turn not taken'])
})

it('connect() gives its turn to the next one when the process is held no more', {
  timeout: 120_000,
}, async t => {
  const folder = temporaryFolder(t)
  const [first, second, third] = [connected(folder), connected(folder), connected(folder)]
  await first.outside.waitToStream(null, HELD)
  await first.outside.stepAside()
  // It is not done: of those that send what they have read there is one already, as many as there may be.
  await second.outside.waitToStream(null, HELD)
  await second.outside.stepAside()
  let hasTurn = false
  const waiting = third.outside.waitToStream(null, HELD).then(() => {
    hasTurn = true
  })
  await third.outside.waitToSend(null, 'rest')
  assert.equal(hasTurn, false)
  first.outside.letGo()
  second.outside.letGo()
  await waiting
  for (const { outside, warnings } of [first, second, third]) {
    outside.letGo()
    assert.deepEqual(warnings(), [])
  }
})
