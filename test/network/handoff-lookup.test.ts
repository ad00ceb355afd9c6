import assert from 'node:assert/strict'
import type { LookupAddress, LookupOptions } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { it } from 'node:test'
import type { HandoffAddresses } from '../../network/handoff-lookup.ts'
import { handoffLookup } from '../../network/handoff-lookup.ts'

const NODE_DNS: LookupFunction = (name, _options, callback) => callback(null, `node's answer to ${name}`, 4)

function ask(
  name: string,
  table: HandoffAddresses,
  options: LookupOptions = {},
): Promise<string | readonly LookupAddress[]> {
  return askOf(
    handoffLookup(async () => table, NODE_DNS),
    name,
    options,
  )
}

function askOf(lookup: LookupFunction, name: string, options: LookupOptions = {}) {
  return new Promise<string | readonly LookupAddress[]>((resolve, reject) =>
    lookup(name, options, (error, address) => (error === null ? resolve(address) : reject(error))),
  )
}

const MINIO = { 'minio.storage.svc': ['10.96.0.7', 'fd00::7'] }

it('handoffLookup() answers with the first handed-over address', async () => {
  assert.equal(await ask('minio.storage.svc', MINIO), '10.96.0.7')
})

it('handoffLookup() answers with all addresses, and their families, when all are asked for', async () => {
  assert.deepEqual(await ask('minio.storage.svc', MINIO, { all: true }), [
    { address: '10.96.0.7', family: 4 },
    { address: 'fd00::7', family: 6 },
  ])
})

it('handoffLookup() answers with the family that is asked for', async () => {
  assert.equal(await ask('minio.storage.svc', MINIO, { family: 6 }), 'fd00::7')
  assert.equal(await ask('minio.storage.svc', MINIO, { family: 'IPv6' }), 'fd00::7')
  assert.equal(
    await ask('minio.storage.svc', { 'minio.storage.svc': ['10.96.0.7'] }, { family: 6 }),
    "node's answer to minio.storage.svc",
  )
})

it('handoffLookup() knows the name whatever its case, and with a dot at its end', async () => {
  assert.equal(await ask('MinIO.storage.svc.', MINIO), '10.96.0.7')
})

it('handoffLookup() knows a bucket before the name, with dots too', async () => {
  assert.equal(await ask('crashes.minio.storage.svc', MINIO), '10.96.0.7')
  assert.equal(await ask('my.crashes.minio.storage.svc', MINIO), '10.96.0.7')
})

it('handoffLookup() leaves other names to the node', async () => {
  for (const name of ['hooks.slack.com', 'storage.svc', 'xminio.storage.svc', 'constructor', ''])
    assert.equal(await ask(name, MINIO), `node's answer to ${name}`)
})

it('handoffLookup() takes no single label for the end of other names', async () => {
  assert.equal(await ask('com', { com: ['10.0.0.1'] }), '10.0.0.1')
  assert.equal(await ask('slack.com', { com: ['10.0.0.1'] }), "node's answer to slack.com")
})

it('handoffLookup() leaves names without an address to the node', async () => {
  assert.equal(
    await ask('minio.storage.svc', { 'minio.storage.svc': [] }),
    "node's answer to minio.storage.svc",
  )
})

it('handoffLookup() takes nothing for an address that is none', async () => {
  assert.deepEqual(await ask('minio', { minio: ['', 'x; rm', '10.96.0.7'] }, { all: true }), [
    { address: '10.96.0.7', family: 4 },
  ])
})

it('handoffLookup() leaves all to the node when nothing can be read, and reads once', async () => {
  let reads = 0
  const lookup = handoffLookup(async () => {
    reads += 1
    throw new Error('unreadable')
  }, NODE_DNS)
  assert.equal(await askOf(lookup, 'minio.storage.svc'), "node's answer to minio.storage.svc")
  assert.equal(await askOf(lookup, 'minio'), "node's answer to minio")
  assert.equal(reads, 1)
})
