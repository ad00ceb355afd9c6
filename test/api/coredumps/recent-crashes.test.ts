import assert from 'node:assert/strict'
import { it } from 'node:test'
import pino from 'pino'
import { RecentCrashes } from '../../../api/coredumps/recent-crashes.ts'
import { crashAt, crashes } from './crashes.ts'
import { StoredCrashes } from './stored-crashes.ts'

const NOW = Date.parse('2026-11-21T05:00:00Z')

/** What looks when it is told to. */
function recentOf(store: StoredCrashes, mostNames = 1000) {
  const pauses: { readonly signal: AbortSignal; readonly end: () => void }[] = []
  const pause = async (_: number, signal: AbortSignal) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    pauses.push({ signal, end: resolve })
    signal.addEventListener('abort', () => resolve())
    await promise
  }
  const log = pino({ enabled: false })
  const recent = new RecentCrashes({
    ...{ index: store.index, cluster: 'prod', log, pause, now: () => NOW, rhythm: { mostNames } },
  })
  const lookAgain = () => pauses.at(-1)?.end()
  return { recent, lookAgain, pauses }
}

it('what there is is told to each, and what comes once, by one look for all', async () => {
  const store = new StoredCrashes(() => NOW)
  for (const entry of crashes(3, { before: new Date(NOW) })) await store.keep(entry)
  const { recent, lookAgain } = recentOf(store)
  const over = new AbortController()
  const [one, other] = [recent.follow(over.signal), recent.follow(over.signal)]
  const first = await Promise.all([one.next(), other.next()])
  assert.deepEqual(
    first.map(({ value }) => value?.found.length),
    [3, 3],
  )
  const listings = store.asked.length
  const next = Promise.all([one.next(), other.next()])
  await store.keep(crashAt('2026-11-21T04:59:00Z', { id: '00000000000f' }))
  lookAgain()
  assert.deepEqual(
    (await next).map(({ value }) => value?.found.map(({ entry }) => entry.id)),
    [['00000000000f'], ['00000000000f']],
  )
  assert.ok(store.asked.length - listings <= 3, `${store.asked.length - listings} listings`)
  over.abort()
  assert.deepEqual(await Promise.all([one.next(), other.next()]), [
    { done: true, value: undefined },
    { done: true, value: undefined },
  ])
})

it('nobody looks when the last watcher is gone, and the next one looks anew', async () => {
  const store = new StoredCrashes(() => NOW)
  const { recent, pauses } = recentOf(store)
  const over = new AbortController()
  const watch = recent.follow(over.signal)
  await watch.next()
  over.abort()
  await watch.next()
  assert.equal(pauses[0]?.signal.aborted, true)
  await store.keep(crashAt('2026-11-21T04:59:00Z'))
  const again = await recent.follow(new AbortController().signal).next()
  assert.equal(again.value?.found.length, 1)
})

it('a quiet store is asked seven times for a day', async () => {
  const store = new StoredCrashes(() => NOW)
  const { recent } = recentOf(store)
  await recent.follow(new AbortController().signal).next()
  assert.ok(store.asked.length <= 7, `${store.asked.length}`)
})

it('of more crashes than are kept in memory the newest are', async () => {
  const store = new StoredCrashes(() => NOW)
  for (const entry of crashes(20, { before: new Date(NOW) })) await store.keep(entry)
  const { recent } = recentOf(store, 5)
  const { value } = await recent.follow(new AbortController().signal).next()
  assert.deepEqual(
    value?.found.map(({ entry }) => entry.pod),
    ['checkout-19', 'checkout-18', 'checkout-17', 'checkout-16', 'checkout-15'],
  )
})
