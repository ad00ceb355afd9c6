import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { it, type TestContext } from 'node:test'
import { pino } from 'pino'
import { parseConfig } from '../../config/parse-config.ts'
import { ClusterPlaces } from '../../handler/deduplicate/cluster-places.ts'
import { WindowMemory } from '../../handler/deduplicate/window-memory.ts'
import { spooledIn } from '../../handoff/spool-entry.ts'
import { temporaryFolder } from '../fakes/core-file.ts'
import { elfCore } from '../fakes/elf-core.ts'
import { type FakeS3, type Fault, faults, startFakeS3 } from '../fakes/fake-s3.ts'
import type { SeenRequest } from '../fakes/s3-operations.ts'
import { s3StoreOf } from '../storage/s3/s3-store-of.ts'
import { crashInto } from './crash-into-spool.ts'

const MIB = 2 ** 20
const SITE = '8899aabbccddeeff'
/** Its process is held until the store has taken most of it. */
const large = elfCore({ pid: 7, threads: 1, memory: [{ address: 0x400000n, bytes: randomBytes(96 * MIB) }] })
const small = elfCore({ pid: 7, threads: 1 })

/** Of a node that has not heard of the group. */
function placesIn(test: TestContext, s3: FakeS3): ClusterPlaces {
  const { config } = parseConfig('StorageConfig: {S3Bucket: cores, s3Region: us-east-1}')
  return new ClusterPlaces({
    ...{ store: s3StoreOf(s3), config, log: pino({ enabled: false }) },
    memory: new WindowMemory(temporaryFolder(test), config.dedupe.windowSeconds),
    waitToAsk: async () => ({ end: () => undefined }),
    now: () => new Date('2026-11-21T00:00:00Z'),
  })
}

it('a store that answers late, and takes no part meanwhile, frees the process of a core that nobody wants', async t => {
  // To say who is kept takes longer than a process may be held for it, and a part comes to no end.
  let isFar = false
  const faultOf = ({ operation }: SeenRequest): Fault | null => {
    if (!isFar) return null
    if (operation === 'UploadPart') return faults.hang()
    return operation === 'ListObjectsV2' ? faults.slow(600) : null
  }
  const s3 = await startFakeS3({ faultOf })
  t.after(() => s3[Symbol.asyncDispose]())
  const crash = (core: Buffer) => crashInto(t, s3StoreOf(s3), core, { places: placesIn(t, s3), site: SITE })
  const kept = await crash(small).done
  assert.equal(kept?.core?.complete, true)

  isFar = true
  const { pipe, dir, done } = crash(large)
  const report = await done
  assert.match(report?.core?.incompleteReason ?? '', /a core of the same crash was kept in the cluster/)
  assert.deepEqual([report?.core?.kept?.key, await spooledIn(dir)], [kept?.core?.key, []])
  assert.ok(pipe.seenBytes < large.length && pipe.closedAt !== null)
  assert.deepEqual([...s3.bucket().uploads.keys()], [])
})

it('the node whose core was lost keeps the next one, for it had the place of its cluster', async t => {
  let isRefusing = true
  const s3 = await startFakeS3({
    faultOf: ({ url }) =>
      isRefusing && /\/core(\?|$)/.test(url) ? faults.refuse(403, 'AccessDenied') : null,
  })
  t.after(() => s3[Symbol.asyncDispose]())
  const wish = { places: placesIn(t, s3), site: SITE, spool: '0' }
  await assert.rejects(crashInto(t, s3StoreOf(s3), small, wish).done)
  isRefusing = false
  const next = await crashInto(t, s3StoreOf(s3), small, wish).done
  assert.equal(next?.core?.complete, true)
})
