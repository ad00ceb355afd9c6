import assert from 'node:assert/strict'
import { it } from 'node:test'
import { readPins } from '../../../build/debian/pins.ts'

it('each architecture has the same packages pinned, in the same versions', async () => {
  const { packages, renewed } = await readPins()
  const names = (architecture: 'x64' | 'arm64') =>
    packages[architecture].map(({ name, version }) => `${name} ${version}`)
  assert.deepEqual(names('x64'), names('arm64'))
  assert.match(renewed, /^\d{4}-\d\d-\d\d$/)
  for (const { sha256 } of [...packages.x64, ...packages.arm64]) assert.match(sha256, /^[\da-f]{64}$/)
})
