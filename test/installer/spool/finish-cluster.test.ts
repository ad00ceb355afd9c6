import assert from 'node:assert/strict'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { pino } from 'pino'
import type { CrashReport } from '../../../crash/report.ts'
import { CrashIndex } from '../../../crash-index/crash-index.ts'
import { readSpooled, SpoolEntry, spooledIn } from '../../../handoff/spool-entry.ts'
import { finishCrash } from '../../../installer/spool/finish-crash.ts'
import { storeIn } from '../../../storage/open-store.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'

/** As whose crash it is stored, of a handler whose report had `node`. */
async function finished(t: TestContext, node: CrashReport['node'], cluster: string | null) {
  const dir = path.join(temporaryFolder(t), 'spool')
  const entry = await SpoolEntry.begin(
    {
      ...{ id: '0123456789ab', writer: null, core: null, told: true, sealed: false },
      folder: 'shop/web/app/20261121T000000Z-web-7-0123456789ab',
      report: { schema: 'coredog.io/report/v1', id: '0123456789ab', ...(node !== undefined && { node }) },
      corefilePath: '/corefile/shop/web/app/core.web.7.web.1',
    },
    {
      ...{ dir, maxBytes: 2 ** 30, keepFree: 0, perNamespace: 1, salvageBytes: 0 },
      ...{ onFull: () => undefined, onSpent: () => undefined },
    },
  )
  await entry.leave()
  const [folder = ''] = await spooledIn(dir)
  const store = storeIn(temporaryFolder(t))
  const world = { log: pino({ enabled: false }), store, tell: async () => undefined, cluster: () => cluster }
  const report = await finishCrash((await readSpooled(folder)) ?? assert.fail(), world)
  const indexed = []
  for await (const found of new CrashIndex(store).ofAll()) indexed.push(found.entry.cluster)
  return { cluster: report.node?.cluster, name: report.node?.name, indexed }
}

it('a crash whose handler did not know the cluster gets the name that is known when it is finished', async t => {
  const node = { name: 'node-1' }
  assert.deepEqual(await finished(t, node, 'prod'), { cluster: 'prod', name: 'node-1', indexed: ['prod'] })
  assert.deepEqual((await finished(t, undefined, 'prod')).indexed, ['prod'])
  assert.deepEqual((await finished(t, node, null)).indexed, ['_none'])
})

it('what its handler knew stays', async t => {
  const { cluster, indexed } = await finished(t, { cluster: 'test' }, 'prod')
  assert.deepEqual([cluster, indexed], ['test', ['test']])
})
