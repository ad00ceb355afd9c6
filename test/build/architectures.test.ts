import assert from 'node:assert/strict'
import { it } from 'node:test'
import { readArchitecture, readArchitectures } from '../../build/architectures.ts'

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

it('readArchitecture() takes one, and no more', () => {
  assert.equal(readArchitecture('arm64'), 'arm64')
  assert.throws(() => readArchitecture('all'), /^OperatorError: Cannot build for "all" at once$/)
  assert.throws(() => readArchitecture('mips'), /^OperatorError: Cannot build for "mips"$/)
})
