import assert from 'node:assert/strict'
import { it } from 'node:test'
import { buildIdOf } from '../../../crash/symbols/build-id.ts'
import { fixture, imageOf, withoutSections } from './fixture.ts'

it('buildIdOf() has the build id of C and of Go, whether there are section headers or not', () => {
  for (const [name, buildId] of [
    ['functions-x86_64.so', 'c0ffee'],
    ['functions-aarch64.so', 'c0ffee'],
    ['go-1.26', 'ea9080b2ada983426fc617eb6527a2fa47f263cd'],
  ] as const) {
    assert.equal(buildIdOf(imageOf(fixture(name))), buildId)
    assert.equal(buildIdOf(imageOf(withoutSections(fixture(name)))), buildId)
  }
  assert.equal(buildIdOf(imageOf(fixture('go-1.17'))), null)
})
