import assert from 'node:assert/strict'
import { it } from 'node:test'
import { readArchitectures } from '../../build/architectures.ts'

for (const [text, architectures] of [
  ['x64', ['x64']],
  ['arm64,x64', ['x64', 'arm64']],
  ['x64,x64', ['x64']],
  ['all', ['x64', 'arm64']],
] as const) {
  it(`readArchitectures() takes ${text}`, () => {
    assert.deepEqual(readArchitectures(text), architectures)
  })
}

for (const text of ['', 'sparc', 'x64,', 'all,x64', 'x64,amd64']) {
  it(`readArchitectures() refuses "${text}"`, () => {
    assert.throws(() => readArchitectures(text), { message: `Cannot build for "${text}"` })
  })
}
