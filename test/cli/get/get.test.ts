import assert from 'node:assert/strict'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { indexedFolder } from '../../../crash/index-entry.ts'
import { ENTRY } from '../../fakes/index-entry.ts'
import { KeptOutput } from '../pretended-world.ts'
import { runOnStore } from '../run-on-store.ts'
import { addCrash, emptyStore } from '../stored-crash.ts'

import { CORE, ID, stored } from './stored-core.ts'

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

it('get shows how far it is on a terminal, and only there', async () => {
  const { folder, file } = await stored()
  const seconds = [...Array(1000).keys()].values()
  const overrides = { stderr: new KeptOutput(true), now: () => new Date(1000 * (seconds.next().value ?? 0)) }
  const { stderr } = await runOnStore(folder, ['get', ID, '-o', file], overrides)
  assert.ok(stderr.includes('\r████████████████████████ 100% of 2.9MiB\x1b[K'))
  assert.match(stderr, /core: 11MiB, sha256 ok\n$/)
})
