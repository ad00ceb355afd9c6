import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Answer } from '../../../api/coredumps/answer.ts'
import { shownCoredump } from '../../../api/coredumps/shown-coredump.ts'
import type { CrashReport } from '../../../crash/report.ts'
import { crashAt } from './crashes.ts'
import { TABLE } from './served.ts'

const NOW = new Date('2026-11-21T04:25:27Z')
const CRASH = crashAt('2026-11-21T04:21:17Z')
const REPORT: CrashReport = {
  schema: 'coredog.io/report/v1',
  id: CRASH.id,
  node: { name: 'node-1' },
  pod: { workload: { kind: 'Deployment', name: 'checkout' } },
  container: { image: 'shop/checkout:1.2' },
  crash: { reason: 'a null pointer was read', reasonCode: 'NullPointer' },
  seen: { count: 3 },
}
const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'

function answer(accept: string, query = '', verb: 'get' | 'list' = 'list'): Answer {
  return new Answer({ accept, verb, query: new URLSearchParams(query) }, () => NOW)
}

// biome-ignore lint/suspicious/noExplicitAny: of an answer
const listed = (accept: string, query = '', report: CrashReport | null = REPORT): any =>
  answer(accept, query).list([shownCoredump(CRASH, report)], { resourceVersion: '7', continue: 'x' })

it('a table has the columns of kubectl get, and those of -o wide', () => {
  const table = listed(TABLE)
  assert.deepEqual([table.kind, table.apiVersion], ['Table', 'meta.k8s.io/v1'])
  assert.deepEqual(table.metadata, { resourceVersion: '7', continue: 'x' })
  const columns: { readonly name: string; readonly priority: number }[] = table.columnDefinitions
  const names = (wanted: number) =>
    columns.filter(({ priority }) => priority === wanted).map(({ name }) => name)
  assert.deepEqual(names(0), ['Name', 'Pod', 'Container', 'Reason', 'Signal', 'Seen', 'Size', 'Age'])
  assert.deepEqual(names(1), ['Node', 'Image', 'Workload'])
  assert.deepEqual(table.rows[0].cells, [
    '20261121t042117z-3f2a9c01d4e5',
    'checkout-7c9f5d8b6-x2x9k',
    'app',
    'NullPointer',
    'SIGSEGV',
    3,
    '84 MiB',
    '4m10s',
    'node-1',
    'shop/checkout:1.2',
    'Deployment/checkout',
  ])
})

it('a row has the metadata of its object, all of it, or nothing, as it is asked for', () => {
  const { object } = listed(TABLE).rows[0]
  assert.deepEqual([object.kind, object.apiVersion], ['PartialObjectMetadata', 'meta.k8s.io/v1'])
  assert.equal(object.metadata.name, '20261121t042117z-3f2a9c01d4e5')
  assert.equal(listed(TABLE, 'includeObject=Object').rows[0].object.status.seenCount, 3)
  assert.equal('object' in listed(TABLE, 'includeObject=None').rows[0], false)
  assert.throws(() => answer(TABLE, 'includeObject=All'), { code: 400 })
})

it('what is not known is <none>, and so is the size where there is no core', () => {
  const table = listed(TABLE, '', null)
  assert.deepEqual(table.rows[0].cells.slice(3), [
    '<none>',
    'SIGSEGV',
    '<none>',
    '84 MiB',
    '4m10s',
    '<none>',
    '<none>',
    '<none>',
  ])
  const none = shownCoredump({ ...CRASH, storedBytes: 0, signal: null, container: '' }, null)
  // biome-ignore lint/suspicious/noExplicitAny: of an answer
  const { rows } = answer(TABLE).one(none) as any
  assert.deepEqual(rows[0].cells.slice(2, 7), ['<none>', '<none>', '<none>', '<none>', '<none>'])
})

it('what a tenant chose moves no cursor and no column, in a table and elsewhere', () => {
  const bad = '\x1b[2J\u202e\n\t\x9bx'
  const report = {
    ...REPORT,
    node: { name: bad },
    container: { image: bad.repeat(100) },
    crash: { reason: bad },
  }
  for (const accept of [TABLE, 'application/json']) {
    const texts: string[] = []
    JSON.stringify(listed(accept, '', report), (_, value) => {
      if (typeof value === 'string') texts.push(value)
      return value
    })
    assert.doesNotMatch(texts.join(''), /[\p{Cc}\p{Cf}]/u)
    assert.match(texts.join(''), /\\x1b\[2J/)
  }
  assert.ok(listed(TABLE, '', report).rows[0].cells[9].length <= 120)
})

it('a report that makes an object of more than 16 KiB counts for nothing', () => {
  const report = {
    ...REPORT,
    crash: { reason: 'x'.repeat(900_000), group: 'v2:1' },
    process: { executable: 'y'.repeat(90_000) },
    container: { image: 'z'.repeat(50_000), imageId: 'z'.repeat(50_000) },
    node: { name: 'n'.repeat(9000) },
  }
  const shown = shownCoredump(CRASH, report)
  assert.deepEqual(shown, shownCoredump(CRASH, null))
  assert.ok(JSON.stringify(shown).length < 2000)
})

it('metadata alone has what a metadata client takes', () => {
  const list = listed(METADATA_LIST)
  assert.deepEqual([list.kind, list.apiVersion], ['PartialObjectMetadataList', 'meta.k8s.io/v1'])
  assert.deepEqual(Object.keys(list.items[0]), ['kind', 'apiVersion', 'metadata'])
})

it('a bookmark has its version and nothing else', () => {
  const metadata = { resourceVersion: '9', creationTimestamp: null }
  assert.deepEqual(answer('').bookmark('9'), {
    kind: 'Coredump',
    apiVersion: 'coredog.io/v1alpha1',
    metadata,
  })
  // biome-ignore lint/suspicious/noExplicitAny: of an answer
  const table = answer(TABLE).bookmark('9') as any
  assert.deepEqual([table.kind, table.metadata, table.rows], ['Table', { resourceVersion: '9' }, []])
})
