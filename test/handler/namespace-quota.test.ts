import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Readable } from 'node:stream'
import { it, type TestContext } from 'node:test'
import { pino } from 'pino'
import { encodeQuota } from '../../crash/quota.ts'
import { NamespaceQuota } from '../../handler/namespace-quota.ts'
import { NotFoundError } from '../../storage/errors.ts'
import { temporaryFolder } from '../fakes/core-file.ts'

const SHOP = { cluster: 'prod', namespace: 'shop', isHeld: () => true }
const USE = { usedBytes: 12, limitBytes: 10 }

function record(at = new Date()): string {
  return encodeQuota({ ...USE, at })
}

/** `get` of the store. */
function quotaBy(t: TestContext, get: (key: string) => Promise<Readable>) {
  const folder = path.join(temporaryFolder(t), 'quota')
  const asked: string[] = []
  const lines: string[] = []
  const quota = new NamespaceQuota({
    folder,
    store: {
      get: key => {
        asked.push(key)
        return get(key)
      },
    },
    waitToAsk: async () => ({ end: () => undefined }),
    now: () => new Date(),
    log: pino({ base: null }, { write: line => void lines.push(JSON.parse(line).msg) }),
  })
  return { quota, asked, lines, folder }
}

async function usedBy(quota: NamespaceQuota): Promise<number | undefined> {
  return (await quota.of(SHOP))?.usedBytes
}

it('what a namespace has used is asked once, and remembered for minutes', async t => {
  const { quota, asked, folder } = quotaBy(t, async () => Readable.from([Buffer.from(record())]))
  assert.deepEqual([await usedBy(quota), await usedBy(quota)], [12, 12])
  assert.deepEqual(asked, ['_quota/prod/shop'])
  const [file = ''] = readdirSync(folder)
  const old = new Date(Date.now() - 6 * 60_000)
  utimesSync(path.join(folder, file), old, old)
  assert.equal(await usedBy(quota), 12)
  assert.equal(asked.length, 2)
})

it('a namespace without a record has room, which is remembered, too', async t => {
  const { quota, asked, lines } = quotaBy(t, key =>
    Promise.reject(new NotFoundError('get', key, new Error())),
  )
  assert.deepEqual([await usedBy(quota), await usedBy(quota)], [undefined, undefined])
  assert.deepEqual([asked.length, lines], [1, []])
})

it('a store that refuses, or does not answer, is asked again, and cores are kept', async t => {
  for (const get of [() => Promise.reject(new Error('403')), () => new Promise<never>(() => undefined)]) {
    const { quota, asked, lines } = quotaBy(t, get)
    assert.deepEqual([await usedBy(quota), await usedBy(quota)], [undefined, undefined])
    assert.equal(asked.length, 2)
    assert.equal(lines[0], 'not known how much of its quota a namespace has used')
  }
})

it('a record that is old, long, or something else counts for nothing', async t => {
  const old = record(new Date(Date.now() - 3 * 24 * 3_600_000))
  for (const text of [old, record() + ' '.repeat(5000), '{}', '\0']) {
    const { quota } = quotaBy(t, async () => Readable.from([Buffer.from(text)]))
    assert.equal(await usedBy(quota), undefined)
  }
})

it('of namespaces that come and go no more are remembered than there is room for', async t => {
  const { quota, folder } = quotaBy(t, async () => Readable.from([Buffer.from(record())]))
  mkdirSync(folder)
  for (let at = 0; at < 1000; at += 1) writeFileSync(path.join(folder, `${at}`), '')
  assert.equal(await usedBy(quota), 12)
  assert.equal(readdirSync(folder).length, 1)
})
