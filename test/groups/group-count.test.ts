import assert from 'node:assert/strict'
import { it } from 'node:test'
import { CrashGroup } from '../../groups/crash-group.ts'
import { readGroupCount } from '../../groups/group-count.ts'
import { encodeSummary } from '../../groups/group-summary.ts'
import { TimedStore } from './timed-store.ts'

const NOW = new Date('2026-11-21T04:30:00Z')
const FOLDER = `_groups/prod/shop/Deployment.web/${'0'.repeat(32)}`
const SIGNAL = new AbortController().signal
const COUNT = { crashes: 3, first: new Date(NOW.getTime() - 60_000), last: NOW, pods: 2, images: ['web:1'] }
const OF_TWO = { ...COUNT, crashes: 6, pods: 4, nodes: 2 }

async function countedOn(...nodes: readonly string[]) {
  const store = new TimedStore(NOW)
  const group = new CrashGroup(store, FOLDER)
  for (const node of nodes) await group.putCount(node, { ...COUNT, folder: 'shop/web-0/app/x' })
  const read = () => readGroupCount(store, FOLDER, SIGNAL)
  const sum = (crashes: number) =>
    store.put(`${FOLDER}/summary.json`, [Buffer.from(encodeSummary({ ...OF_TWO, crashes }))])
  return { store, group, read, sum }
}

const names = (count: number) => Array.from({ length: count }, (_, at) => `node-${at}`)

it('readGroupCount() sums what nodes count as long as nobody has, or they counted since', async () => {
  const { store, read, sum } = await countedOn('node-1')
  assert.deepEqual(await read(), { ...COUNT, countedIn: FOLDER, nodes: 1 })
  await sum(5)
  store.pass(10)
  await new CrashGroup(store, FOLDER).putCount('node-2', COUNT)
  assert.deepEqual(await read(), { ...OF_TWO, countedIn: FOLDER })
})

it('readGroupCount() reads what was summed since, and nothing else', async () => {
  const { store, read, sum } = await countedOn('node-1', 'node-2')
  store.pass(10)
  await sum(5)
  store.requests.get = 0
  assert.deepEqual(await read(), { ...OF_TWO, countedIn: FOLDER, crashes: 5 })
  assert.deepEqual(store.requests.get, 1)
})

it('readGroupCount() has a count also where a node counts more than there can be', async () => {
  const { store, group, read } = await countedOn('node-1')
  await group.putCount('node-2', { ...COUNT, crashes: 2 ** 40 })
  assert.equal((await read())?.crashes, 2 ** 40)
  store.pass(10)
  await group.summarise(['node-1', 'node-2'], SIGNAL)
  store.pass(10)
  assert.equal((await read())?.crashes, 2 ** 40)
})

it('readGroupCount() of more nodes than are asked is what was summed last', async () => {
  const { store, read, sum } = await countedOn(...names(70))
  assert.equal(await read(), null)
  await sum(7000)
  store.pass(10)
  await new CrashGroup(store, FOLDER).putCount('node-2', COUNT)
  store.requests.get = 0
  assert.equal((await read())?.crashes, 7000)
  assert.equal(store.requests.get, 1)
})

it('readGroupCount() says until when chats hear nothing, also of a group with thousands of places', async () => {
  const { store, group, read } = await countedOn('node-1')
  for (const place of names(2000)) await store.put(`${FOLDER}/kept/${place}`, [])
  const until = new Date(NOW.getTime() + 1000)
  await group.mute({ until })
  assert.deepEqual((await read())?.mutedUntil, until)
  await group.unmute()
  assert.deepEqual(await read(), { ...COUNT, countedIn: FOLDER, nodes: 1 })
})

it('readGroupCount() is nothing where nothing is counted, and fails where nobody can tell', async () => {
  const { group, store } = await countedOn()
  await group.mute({ until: new Date(NOW.getTime() + 1000) })
  assert.equal(await readGroupCount(store, FOLDER, SIGNAL), null)
  store.failure = new Error('503')
  await assert.rejects(readGroupCount(store, FOLDER, SIGNAL), /503/)
})
