import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { CrashSource } from '../../../cli/source/source.ts'
import { openStoreSource } from '../../../cli/source/store-source.ts'
import { ENTRY } from '../../fakes/index-entry.ts'
import { typed } from '../pretended-world.ts'
import { runOnStore } from '../run-on-store.ts'
import { addCrash, emptyStore } from '../stored-crash.ts'

async function stored() {
  const { folder, store } = await emptyStore()
  await addCrash(store, { log: 'x' })
  await addCrash(store, { id: 'aaaaaaaaaaaa' })
  const keys = async (id: string) => {
    const found: string[] = []
    for await (const { key } of store.list('')) if (key.includes(id)) found.push(key)
    return found.length
  }
  return { folder, keys }
}

it('delete --yes removes what is named, with its names, and nothing else', async () => {
  const { folder, keys } = await stored()
  assert.equal(await keys(ENTRY.id), 5)
  const { exitCode, stdout } = await runOnStore(folder, ['delete', '3f2a', '--yes'])
  assert.deepEqual([exitCode, stdout], [0, `coredump ${ENTRY.id} deleted\n`])
  assert.deepEqual([await keys(ENTRY.id), await keys('aaaaaaaaaaaa')], [0, 4])
})

it('delete asks at a terminal, and takes y for yes alone', async () => {
  const { folder, keys } = await stored()
  const no = await runOnStore(folder, ['delete', ENTRY.id], { stdin: typed('\n') })
  assert.equal(no.exitCode, 1)
  assert.match(no.stderr, /3f2a9c01d4e5 {2}shop\/checkout.*\nDelete from .* for good\? \[y\/N\]/s)
  assert.equal(await keys(ENTRY.id), 5)
  assert.equal((await runOnStore(folder, ['delete', ENTRY.id], { stdin: typed('y\n') })).exitCode, 0)
  assert.equal(await keys(ENTRY.id), 0)
})

it('delete without --yes removes nothing where nobody can be asked', async () => {
  const { folder, keys } = await stored()
  const { exitCode, stderr } = await runOnStore(folder, ['delete', ENTRY.id])
  assert.equal(exitCode, 1)
  assert.match(stderr, /Nothing was deleted\nSay --yes/)
  assert.equal(await keys(ENTRY.id), 5)
})

it('delete of one that is not there deletes none of the others', async () => {
  const { folder, keys } = await stored()
  assert.equal((await runOnStore(folder, ['delete', ENTRY.id, 'ffff', '--yes'])).exitCode, 3)
  assert.equal(await keys(ENTRY.id), 5)
})

it('delete by way of what only reads says how it goes', async () => {
  const { folder } = await stored()
  const source = await openStoreSource({ requestTimeout: 30, bucket: folder })
  const reading = {
    name: 'coredog-api',
    namespace: null,
    list: source.list.bind(source),
  } as unknown as CrashSource
  const { exitCode, stderr } = await runOnStore(folder, ['delete', ENTRY.id], {
    openSource: async () => reading,
  })
  assert.equal(exitCode, 2)
  assert.match(stderr, /it only reads\nName the store/)
})
