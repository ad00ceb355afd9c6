import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { AccessAttributes } from '../../api/outside.ts'
import { visibleTo } from '../../api/visible.ts'
import { crashAt } from './coredumps/crashes.ts'

const ADA = { name: 'ada', groups: [], extra: {} }
const CRASH = crashAt('2026-11-21T04:21:17Z')

function visible({
  created,
  may = false,
  cluster = 'prod',
}: {
  created: string | null
  may?: boolean
  cluster?: string
}) {
  const asked: AccessAttributes[] = []
  const see = visibleTo(ADA, {
    cluster,
    mayDo: async (_, attributes) => {
      asked.push(attributes)
      return may
    },
    namespaceCreated: async () => (created === null ? null : new Date(created)),
  })
  return { see, asked }
}

it('a crash since its Namespace was created is seen, and nobody is asked who may see all', async () => {
  const { see, asked } = visible({ created: '2026-11-21T04:21:17Z' })
  assert.equal(await see(CRASH), true)
  assert.deepEqual(asked, [])
})

for (const [name, created] of [
  ['from before its Namespace was created', '2026-11-21T04:21:18Z'],
  ['of a Namespace that is gone', null],
] as const)
  it(`a crash ${name} is for those who may get those of all namespaces, who are asked about once`, async () => {
    const { see, asked } = visible({ created })
    assert.equal(await see(CRASH), false)
    assert.equal(await see({ ...CRASH, time: new Date(0) }), false)
    assert.deepEqual(asked, [{ verb: 'get', group: 'coredog.io', resource: 'coredumps' }])
    assert.equal(await visible({ created, may: true }).see(CRASH), true)
  })

it('nothing of another cluster, of a node itself, or of nobody known is seen by anybody', async () => {
  const { see } = visible({ created: '2000-01-01T00:00:00Z', may: true })
  assert.equal(await see({ ...CRASH, cluster: 'test' }), false)
  for (const namespace of ['_host', '_unverified']) assert.equal(await see({ ...CRASH, namespace }), false)
})

it('a cluster without a name has the crashes of those without one', async () => {
  const { see } = visible({ created: '2000-01-01T00:00:00Z', cluster: '' })
  assert.equal(await see({ ...CRASH, cluster: '_none' }), true)
  assert.equal(await see(CRASH), false)
})
