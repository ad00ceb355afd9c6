import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { it, type TestContext } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import type { Wanted } from '../../../cli/debug/fetched.ts'
import { ObjectCache } from '../../../cli/debug/object-cache.ts'
import type { CrashSource } from '../../../cli/source/source.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { crashOf, PretendedSource, sha256Of } from './pretended-source.ts'

// What neither gzip nor zstd makes small.
const NOISE = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * at * 31 + (at >> 3)) & 0xff))

function cacheIn(test: TestContext) {
  const folder = temporaryFolder(test)
  return { folder, cache: new ObjectCache(folder) }
}

function wantedOf(source: PretendedSource, stored: Buffer, overrides: Partial<Wanted> = {}): Wanted {
  const crash = crashOf(NOISE).crash
  return {
    name: 'the core',
    open: firstByte => (source as CrashSource).core(crash, { firstByte }),
    ...{ sizeBytes: stored.length, sha256: sha256Of(stored) },
    onBytes: () => undefined,
    signal: new AbortController().signal,
    ...overrides,
  }
}

function sourceOf(stored: Buffer): PretendedSource {
  return new PretendedSource({ ...crashOf(NOISE), core: stored })
}

const CORE = Buffer.concat([NOISE, Buffer.alloc(1 << 20), NOISE.subarray(0, 1000), Buffer.alloc(100_000)])
const packings = { gzip: gzipSync(CORE), zstd: zstdCompressSync(CORE), none: CORE } as const
for (const [compression, stored] of Object.entries(packings)) {
  const packed = { compression: compression as keyof typeof packings, mostBytes: CORE.length }

  it(`core() unpacks ${compression}, bit for bit, and asks but once`, async t => {
    const { folder, cache } = cacheIn(t)
    const source = sourceOf(stored)
    const file = await cache.core('a', wantedOf(source, stored), packed)
    assert.ok(readFileSync(file).equals(CORE))
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.equal(await cache.core('a', wantedOf(source, stored), packed), file)
    assert.deepEqual([source.asked, readdirSync(folder)], [['core from 0'], ['a.core']])
  })
}

it('core() takes no room for zeros', async t => {
  const { cache } = cacheIn(t)
  const zeros = Buffer.alloc(8 << 20)
  const stored = gzipSync(zeros)
  const file = await cache.core('a', wantedOf(sourceOf(stored), stored), {
    compression: 'gzip',
    mostBytes: zeros.length,
  })
  const { size, blocks } = statSync(file)
  assert.ok(size === zeros.length && blocks * 512 < 1 << 20, `${blocks} blocks`)
})

it('core() keeps the beginning of one that was cut when it was stored', async t => {
  const { cache } = cacheIn(t)
  const stored = packings.gzip.subarray(0, 100_000)
  const packed = { compression: 'gzip', mostBytes: CORE.length } as const
  const found = readFileSync(await cache.core('a', wantedOf(sourceOf(stored), stored), packed))
  assert.ok(found.length > 50_000 && CORE.subarray(0, found.length).equals(found), `${found.length}`)
})

it('core() unpacks no more than there should be', async t => {
  const { folder, cache } = cacheIn(t)
  const packed = { compression: 'gzip', mostBytes: CORE.length - 1 } as const
  await assert.rejects(
    cache.core('a', wantedOf(sourceOf(packings.gzip), packings.gzip), packed),
    /larger than/,
  )
  assert.ok(!readdirSync(folder).some(name => name.endsWith('.new') || name === 'a.core'))
})

it('file() goes on by itself where the stream breaks off', async t => {
  const { cache } = cacheIn(t)
  const source = sourceOf(NOISE)
  source.breaks.push(1000, 0, 5000)
  const file = await cache.file('a', wantedOf(source, NOISE))
  assert.ok(readFileSync(file).equals(NOISE))
  assert.deepEqual(source.asked, ['core from 0', 'core from 1000', 'core from 1000', 'core from 6000'])
})

it('file() goes on where a run that was interrupted left off', async t => {
  const { folder, cache } = cacheIn(t)
  const ended = new AbortController()
  const source = sourceOf(NOISE)
  source.breaks.push(70_000)
  const onBytes = () => ended.abort(new Error('Ctrl-C'))
  await assert.rejects(
    cache.file('a', wantedOf(source, NOISE, { onBytes, signal: ended.signal })),
    /to its end/,
  )
  assert.deepEqual(readdirSync(folder), ['a.part'])
  await cache.file('a', wantedOf(source, NOISE))
  assert.deepEqual(source.asked, ['core from 0', 'core from 70000'])
})

it('file() takes over what a killed run has left, and leaves that of a running one alone', async t => {
  const { folder, cache } = cacheIn(t)
  // No process has so high a pid: PID_MAX_LIMIT is 2^22.
  writeFileSync(`${folder}/a.4194305-1.part`, NOISE.subarray(0, 1234))
  writeFileSync(`${folder}/a.${process.ppid}-1.part`, NOISE.subarray(0, 99))
  const source = sourceOf(NOISE)
  await cache.file('a', wantedOf(source, NOISE))
  assert.deepEqual(source.asked, ['core from 1234'])
  assert.deepEqual(readdirSync(folder).sort(), ['a', `a.${process.ppid}-1.part`].sort())
})

it('file() begins anew where more is there than there is', async t => {
  const { folder, cache } = cacheIn(t)
  writeFileSync(`${folder}/a.part`, Buffer.alloc(NOISE.length + 1))
  const source = sourceOf(NOISE)
  assert.ok(readFileSync(await cache.file('a', wantedOf(source, NOISE))).equals(NOISE))
})

it('file() goes on where it was, although the source begins anew each time', async t => {
  const { folder, cache } = cacheIn(t)
  writeFileSync(`${folder}/a.part`, NOISE.subarray(0, 100_001))
  const source = sourceOf(NOISE)
  const open = () => (source as CrashSource).core(crashOf(NOISE).crash)
  assert.ok(readFileSync(await cache.file('a', wantedOf(source, NOISE, { open }))).equals(NOISE))
})

it('file() ends where more comes than there is', async t => {
  const { folder, cache } = cacheIn(t)
  const wanted = wantedOf(sourceOf(NOISE), NOISE, { sizeBytes: 1000 })
  await assert.rejects(cache.file('a', wanted), /behind the 1000 bytes/)
  assert.equal(statSync(`${folder}/a.part`).size, 0)
})

it('file() takes no other bytes than those that were stored, and does not go on from them', async t => {
  const { folder, cache } = cacheIn(t)
  const other = { sha256: sha256Of(Buffer.from('another')) }
  const source = sourceOf(NOISE)
  await assert.rejects(cache.file('a', wantedOf(source, NOISE, other)), /sha256/)
  assert.equal(statSync(`${folder}/a.part`).size, 0)
})

it('file() is safe for two at once', async t => {
  const { folder, cache } = cacheIn(t)
  const packed = { compression: 'gzip', mostBytes: CORE.length } as const
  const both = [cache, new ObjectCache(folder)].map(one =>
    one.core('a', wantedOf(sourceOf(packings.gzip), packings.gzip), packed),
  )
  for (const file of await Promise.all(both)) assert.ok(readFileSync(file).equals(CORE))
  assert.deepEqual(readdirSync(folder), ['a.core'])
})
