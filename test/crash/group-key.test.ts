import assert from 'node:assert/strict'
import { it } from 'node:test'
import { groupFolder, groupFolderIn, keptPrefix, ownGroupFolder } from '../../crash/group-key.ts'

const GROUP = {
  cluster: 'prod',
  namespace: 'shop',
  workload: 'Deployment.web',
  fingerprint: ['pod', 'shop', 'Deployment', 'web', 'app', 'memory', '57b469349bba6c56'],
}

it('groupFolder() says whose it is, and tells sites apart by a digest', () => {
  const folder = groupFolder(GROUP)
  assert.match(folder, /^_groups\/prod\/shop\/Deployment\.web\/[0-9a-f]{32}$/)
  const other = groupFolder({ ...GROUP, fingerprint: [...GROUP.fingerprint.slice(0, -1), 'other'] })
  assert.notEqual(folder, other)
  assert.match(groupFolder({ ...GROUP, cluster: '' }), /^_groups\/_none\//)
})

it('groupFolder() keeps each part one segment, whatever it holds', () => {
  const folder = groupFolder({ ...GROUP, cluster: 'a/b', workload: '/usr/bin/../x' })
  assert.match(folder, /^_groups\/a_b\/shop\/usr_bin_\.\._x\/[0-9a-f]{32}$/)
})

it('groupFolderIn() finds the folder of what is below it', () => {
  const folder = groupFolder(GROUP)
  assert.equal(groupFolderIn(`${keptPrefix(folder)}1.000000-0`), folder)
  assert.equal(groupFolderIn(`${folder}/told`), folder)
  for (const key of [folder, 'shop/web-0/app/x/core.gz', '_groups/a/b/c/d/e'])
    assert.equal(groupFolderIn(key), null)
})

it('ownGroupFolder() is that of a crash of its own cluster and namespace, whatever its report says', () => {
  const own = { cluster: 'prod', namespace: 'shop' }
  const folder = groupFolder(GROUP)
  const site = folder.split('/').at(-1)
  assert.equal(ownGroupFolder(own, { countedIn: folder }), folder)
  const nameless = groupFolder({ ...GROUP, cluster: '' })
  for (const cluster of ['', '_none'])
    assert.equal(ownGroupFolder({ ...own, cluster }, { countedIn: nameless }), nameless)
  for (const countedIn of [
    groupFolder({ ...GROUP, namespace: 'pay' }),
    groupFolder({ ...GROUP, cluster: 'stage' }),
    `_groups/prod/shop/../${site}`,
    `_groups/prod/shop//${site}`,
    '_groups/prod/shop/Deployment.web',
    '',
    undefined,
  ])
    assert.equal(ownGroupFolder(own, countedIn === undefined ? {} : { countedIn }), null, countedIn)
  assert.equal(ownGroupFolder(own, null), null)
})
