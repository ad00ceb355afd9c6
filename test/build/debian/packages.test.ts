import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { fetchPackages } from '../../../build/debian/packages.ts'
import type { PinnedPackage, Pins } from '../../../build/debian/pins.ts'
import { OperatorError } from '../../../crash/errors.ts'
import { repositoryOf, skip } from './local-repository.ts'

function pinsOf(one: PinnedPackage): Pins {
  return { suite: 'bookworm', renewed: '2026-01-02', packages: { x64: [one], arm64: [one] } }
}

it('fetchPackages() fetches what is missing and what is damaged, once', { skip }, async t => {
  const { folder, has } = repositoryOf(t)
  const kept = path.join(folder, 'kept')
  const [file = ''] = await fetchPackages('x64', pinsOf(has), kept)
  const content = readFileSync(file)
  writeFileSync(file, 'damaged')
  assert.deepEqual(await fetchPackages('x64', pinsOf(has), kept), [file])
  assert.deepEqual(readFileSync(file), content)
  writeFileSync(path.join(folder, 'sources.list'), 'nonsense')
  assert.deepEqual(await fetchPackages('x64', pinsOf(has), kept), [file])
  assert.deepEqual(readdirSync(kept), [path.basename(file)])
})

it('fetchPackages() says where Debian has what it no longer offers, its security archive too', {
  skip,
}, async t => {
  const { folder, has } = repositoryOf(t)
  const asked = fetchPackages('x64', pinsOf({ ...has, version: '0.9' }), folder)
  await assert.rejects(asked, thrown => {
    assert.ok(thrown instanceof OperatorError)
    assert.match(
      thrown.message,
      /^Cannot fetch bone 0\.9: the sources of this machine's apt do not offer it$/,
    )
    for (const source of [
      'debian/20260102T235959Z bookworm',
      'debian-security/20260102T235959Z bookworm-security',
    ])
      assert.ok(thrown.hint.includes(`http://snapshot.debian.org/archive/${source} main"`), thrown.hint)
    return true
  })
})

it('fetchPackages() uses no package that is another one than is pinned', { skip }, async t => {
  const { folder, has } = repositoryOf(t)
  const asked = fetchPackages('x64', pinsOf({ ...has, sha256: '0'.repeat(64) }), folder)
  await assert.rejects(
    asked,
    /^Error: Cannot use bone 1\.0: it is sha256:[\da-f]{64}, not the one that is pinned$/,
  )
})
