import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { after, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import type { GlobalOptions } from '../../../cli/options.ts'
import { openSource } from '../../../cli/source/open-source.ts'
import type { CrashSource } from '../../../cli/source/source.ts'
import { indexedFolder } from '../../../crash/index-entry.ts'
import { KeptOutput } from '../pretended-world.ts'
import { runOnStore } from '../run-on-store.ts'
import { addCrash, ENTRY, emptyStore } from '../stored-crash.ts'

const ID = ENTRY.id
const CORE = Buffer.concat([Buffer.from('\x7fELF'), randomBytes(3_000_000), Buffer.alloc(9_000_000)])

async function stored(crash: Parameters<typeof addCrash>[1] = {}) {
  const { folder, store } = await emptyStore()
  await addCrash(store, { core: CORE, ...crash })
  const out = await mkdtemp(path.join(tmpdir(), 'coredog-get-'))
  after(() => rm(out, { recursive: true, force: true }))
  const file = path.join(out, 'core')
  const get = (...argv: string[]) => runOnStore(folder, ['get', ID, ...argv])
  return { folder, store, out, file, get }
}

for (const compression of ['gzip', 'zstd', 'none'] as const)
  it(`get writes a core that is stored as ${compression}, sparse, and leaves nothing else`, async () => {
    const { out, file, get } = await stored({ compression })
    assert.deepEqual(await get('-o', file), { exitCode: 0, stdout: '', stderr: '', bytes: Buffer.alloc(0) })
    assert.deepEqual(await readFile(file), CORE)
    const { blocks, mode } = await stat(file)
    assert.ok(blocks * 512 < 4_000_000, `${blocks} blocks`)
    assert.equal(mode & 0o077, 0)
    assert.deepEqual(await readdir(out), ['core'])
  })

it('get names the file by the id where a directory is named', async () => {
  const { out, get } = await stored()
  assert.equal((await get('-o', out)).exitCode, 0)
  assert.equal((await get('-o', out, '--compressed')).exitCode, 0)
  assert.deepEqual((await readdir(out)).toSorted(), [`core.${ID}`, `core.${ID}.gz`])
  assert.deepEqual(gunzipSync(await readFile(path.join(out, `core.${ID}.gz`))), CORE)
})

it('get -o - writes into a pipe, and not to a terminal', async () => {
  const { folder, get } = await stored()
  assert.deepEqual((await get('-o', '-')).bytes, CORE)
  const { exitCode, bytes } = await runOnStore(folder, ['get', ID, '-o', '-'], {
    stdout: new KeptOutput(true),
  })
  assert.deepEqual([exitCode, bytes.length], [2, 0])
})

it('get writes over nothing, but with --force', async () => {
  const { file, get } = await stored()
  await writeFile(file, 'precious')
  const { exitCode, stderr } = await get('-o', file)
  assert.equal(exitCode, 2)
  assert.match(stderr, /it is there already\n.*--force/)
  assert.equal(await readFile(file, 'utf8'), 'precious')
  assert.equal((await get('-o', file, '--force')).exitCode, 0)
  assert.deepEqual(await readFile(file), CORE)
})

it('get writes what there is of a core that is not whole, says so, and ends with 5', async () => {
  const { folder, store } = await emptyStore()
  const entry = await addCrash(store, { core: CORE, compression: 'none' })
  const core = {
    key: `${indexedFolder(entry)}/core`,
    complete: false,
    incompleteReason: 'the node was shut down',
  }
  await addCrash(store, { core: CORE, compression: 'none', report: { core } })
  const { exitCode, stderr, bytes } = await runOnStore(folder, ['get', ID, '-o', '-'])
  assert.equal(exitCode, 5)
  assert.match(stderr, /is not whole: the node was shut down/)
  assert.deepEqual(bytes, CORE)
})

it('get keeps no file whose sha256 is another one', async () => {
  const { out, file, store, get } = await stored()
  const key = `${indexedFolder(ENTRY)}/core.gz`
  const info = await store.look(key)
  const length = typeof info === 'object' ? info.sizeBytes : 0
  const other = Buffer.alloc(length, 'x')
  await store.put(key, [other], length)
  const { exitCode, stderr } = await get('-o', file)
  assert.equal(exitCode, 1)
  assert.match(stderr, /its sha256 is/)
  assert.deepEqual(await readdir(out), [])
})

it('get of a crash without a core says why, and ends with 3', async () => {
  const { folder, store } = await emptyStore()
  await addCrash(store, { storedBytes: 0, report: { core: { kept: { key: 'k', url: 'u' } as never } } })
  const { exitCode, stderr } = await runOnStore(folder, ['get', '@latest', '-o', '-'])
  assert.equal(exitCode, 3)
  assert.match(stderr, /only counted, because enough like it were kept/)
})

/** The same source, but for its cores. */
function withCore(source: CrashSource, core: CrashSource['core']): CrashSource {
  const { name, namespace } = source
  const [list, watch, named] = [source.list, source.watch, source.named].map(
    method => method.bind(source) as never,
  )
  return { name, namespace, list, watch, named, core } as unknown as CrashSource
}

/** A source of which each stream breaks off after so many bytes. */
function breaking(source: CrashSource, bytes: number, asked: number[]): CrashSource {
  const core: CrashSource['core'] = async (crash, { firstByte = 0 } = {}) => {
    asked.push(firstByte)
    const { body, ...stored } = await source.core(crash, { firstByte })
    async function* broken() {
      let left = bytes
      for await (const chunk of body as AsyncIterable<Buffer>) {
        yield chunk.subarray(0, left)
        left -= chunk.length
        if (left <= 0) throw new Error('read ECONNRESET')
      }
    }
    return { ...stored, body: Readable.from(broken(), { objectMode: false }) }
  }
  return withCore(source, core)
}

it('get goes on where a connection broke', async () => {
  const { folder, file } = await stored()
  const asked: number[] = []
  const overrides = {
    openSource: async (options: GlobalOptions) => breaking(await openSource(options), 1_500_000, asked),
  }
  assert.equal((await runOnStore(folder, ['get', ID, '-o', file], overrides)).exitCode, 0)
  assert.deepEqual(await readFile(file), CORE)
  assert.deepEqual(asked.slice(0, 2), [0, 1_500_000])
})

it('get keeps what came until Ctrl-C, and the next one goes on from there', async () => {
  const { folder, out, file, get } = await stored()
  const ended = new AbortController()
  const asked: number[] = []
  const openIt = async (options: GlobalOptions) => {
    const source = breaking(await openSource(options), 1_500_000, asked)
    const { core } = source
    const interrupted: CrashSource['core'] = async (crash, more) => {
      if (asked.length === 1) ended.abort(new Error('it was interrupted'))
      return core(crash, more)
    }
    return withCore(source, interrupted)
  }
  const { exitCode, stderr } = await runOnStore(folder, ['get', ID, '-o', file], {
    openSource: openIt,
    signal: ended.signal,
  })
  assert.equal(exitCode, 1)
  assert.match(stderr, /Interrupted\. \d\.\dMiB of .*MiB are kept/)
  const [part, ...others] = await readdir(out)
  assert.match(part ?? '', /^core\.[0-9a-f]{16}\.part$/)
  assert.deepEqual(others, [])
  assert.equal((await get('-o', file)).exitCode, 0)
  assert.deepEqual(await readFile(file), CORE)
  assert.deepEqual(await readdir(out), ['core'])
})

it('get shows how far it is on a terminal, and only there', async () => {
  const { folder, file } = await stored()
  const seconds = [...Array(1000).keys()].values()
  const overrides = { stderr: new KeptOutput(true), now: () => new Date(1000 * (seconds.next().value ?? 0)) }
  const { stderr } = await runOnStore(folder, ['get', ID, '-o', file], overrides)
  assert.ok(stderr.includes('\r████████████████████████ 100% of 2.9MiB\x1b[K'))
  assert.match(stderr, /core: 11MiB, sha256 ok\n$/)
})
