import assert from 'node:assert/strict'
import { it } from 'node:test'
import { findCrash } from '../../../cli/source/find-crash.ts'
import { openStoreSource } from '../../../cli/source/store-source.ts'
import { addCrash, emptyStore } from '../stored-crash.ts'

const at = (time: string) => new Date(`2026-11-21T${time}Z`)

async function source() {
  const { folder, store } = await emptyStore()
  await addCrash(store, { id: 'abc000000001', time: at('01:00:00'), pod: 'web-0' })
  await addCrash(store, { id: 'abc000000002', time: at('02:00:00'), pod: 'web-0' })
  await addCrash(store, { id: 'abd000000003', time: at('03:00:00'), pod: 'web-1', namespace: 'dev' })
  return openStoreSource({ requestTimeout: 30, bucket: folder })
}

const found = [
  ['@latest', null, 'abd000000003'],
  ['@latest', 'shop', 'abc000000002'],
  ['pod/web-0', 'shop', 'abc000000002'],
  ['abd', null, 'abd000000003'],
  ['abc000000001', null, 'abc000000001'],
  ['20261121t010000z-abc000000001', 'shop', 'abc000000001'],
  ['20261121t010000z-abc000000001', null, 'abc000000001'],
  ['coredump/20261121t010000z-abc000000001', 'shop', 'abc000000001'],
  ['20261121t010000z-', null, 'abc000000001'],
] as const

for (const [id, namespace, expected] of found)
  it(`findCrash() finds ${id} in ${namespace ?? 'any namespace'}`, async () => {
    assert.equal((await findCrash(await source(), { id, namespace })).spec.id, expected)
  })

const refused = [
  ['abc', 'shop', 2, /is: abc000000002 \(shop\/web-0\), abc000000001 \(shop\/web-0\)/],
  ['abd', 'shop', 3, /no such crash in the namespace "shop"/],
  ['ffffffffffff', null, 3, /no such crash in any namespace/],
  ['pod/web-9', null, 3, /no such crash/],
  ['20261121t010000z-abc00000000f', 'shop', 3, /no such crash/],
  ['../../etc', 'shop', 2, /it is no id/],
  ['\x1b[2J', null, 2, /\\x1b\[2J/],
  ['pod/a,spec.id=b', null, 3, /no such crash/],
] as const

for (const [id, namespace, exitCode, message] of refused)
  it(`findCrash() refuses ${JSON.stringify(id)} in ${namespace ?? 'any namespace'}`, async () => {
    await assert.rejects(findCrash(await source(), { id, namespace }), { exitCode, message })
  })
