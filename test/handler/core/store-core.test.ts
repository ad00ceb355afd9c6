import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { it, type TestContext } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { pino } from 'pino'
import { parseConfig } from '../../../config/parse-config.ts'
import { BLOCK_BYTES } from '../../../handler/core/block.ts'
import { CoreStream } from '../../../handler/core/core-stream.ts'
import { type StoredCore, storeCore } from '../../../handler/core/store-core.ts'
import { Spooling } from '../../../handler/spooling.ts'
import { pipeOf } from '../../fakes/core-file.ts'
import { elfCore } from '../../fakes/elf-core.ts'
import { MemorySink } from '../../fakes/memory-sink.ts'

const SIGHT = 'CoreSight: {enabled: true, apiUrl: "http://coresight:8000"}'
const SCRIPT = 'CustomHandler: {enabled: true, script: "true"}'

async function store(
  test: TestContext,
  yaml: string,
  bytes = elfCore({ pid: 7 }),
): Promise<{ stored: StoredCore; object: Buffer }> {
  const { config } = parseConfig(`StorageConfig: {protocol: cfs, CFSMountPath: /mnt}\n${yaml}`)
  const sink = new MemorySink()
  const core = await CoreStream.begin(pipeOf(test, bytes, 0))
  const beside = {
    failover: Spooling.none(pino({ enabled: false })),
    isHurried: () => false,
    scrub: null,
    onEnd: async () => undefined,
  }
  const { stored } = await storeCore({ core, observed: { cgroup: null } }, 'a/b', config, sink, beside)
  return { stored, object: sink.objects.get(stored.key) ?? Buffer.alloc(0) }
}

function digest(name: string, bytes: Buffer): string {
  return createHash(name).update(bytes).digest('hex')
}

for (const [who, yaml] of Object.entries({ CoreSight: SIGHT, CustomHandler: SCRIPT })) {
  it(`storeCore() gives the stored object's MD5 for ${who}`, async t => {
    const { stored, object } = await store(t, yaml)
    assert.deepEqual([stored.md5, stored.sha256], [digest('md5', object), digest('sha256', object)])
  })
}

it('storeCore() gives no MD5 that nobody asks for', async t => {
  const { stored, object } = await store(t, '')
  assert.deepEqual(
    [Object.hasOwn(stored, 'md5'), stored.sha256, stored.storedBytes],
    [false, digest('sha256', object), object.length],
  )
})

it('storeCore() stores a large core as it is, zeros and all, and hashes it', async t => {
  const memory = [randomBytes(9 * BLOCK_BYTES), Buffer.alloc(3 * BLOCK_BYTES), randomBytes(12_345)]
  const large = elfCore({ pid: 7, memory: [{ address: 0x400000n, bytes: Buffer.concat(memory) }] })
  const { stored, object } = await store(t, 'compression: none', large)
  assert.ok(object.equals(large), `${object.length} of ${large.length} bytes`)
  assert.deepEqual([stored.sha256, stored.storedBytes], [digest('sha256', large), large.length])
})

it('storeCore() compresses by the configured level', async t => {
  const fast = await store(t, '')
  const best = await store(t, 'compressionLevel: 9')
  // RFC 1952, 2.3.1: 4 is the fastest algorithm, 2 the slowest.
  assert.deepEqual([fast.object[8], best.object[8]], [4, 2])
  assert.ok(gunzipSync(best.object).equals(gunzipSync(fast.object)))
})

it('storeCore() leaves no thread behind when the store refuses before it reads', async t => {
  const { config } = parseConfig('StorageConfig: {protocol: cfs, CFSMountPath: /mnt}\n')
  const large = elfCore({ pid: 7, memory: [{ address: 0x400000n, bytes: Buffer.alloc(40 * 2 ** 20) }] })
  const core = await CoreStream.begin(pipeOf(t, large, 0))
  const beside = {
    failover: Spooling.none(pino({ enabled: false })),
    isHurried: () => false,
    scrub: null,
    onEnd: async () => undefined,
  }
  const refusing = new MemorySink()
  refusing.put = async () => Promise.reject(new Error('no such mount'))
  const threads = () => process.getActiveResourcesInfo().filter(name => name === 'MessagePort').length
  const before = threads()
  await assert.rejects(
    storeCore({ core, observed: { cgroup: null } }, 'a/b', config, refusing, beside),
    /mount/,
  )
  assert.equal(threads(), before)
})
