import assert from 'node:assert/strict'
import { it } from 'node:test'
import { readImageOptions } from '../../build/image-options.ts'
import { ownArchitecture } from '../../build/node-binary.ts'

const own = ownArchitecture()
const other = own === 'x64' ? 'arm64' : 'x64'

it('readImageOptions() makes an archive for this machine, of pinned libraries, unless it is told', () => {
  const wish = readImageOptions([])
  assert.ok(typeof wish === 'object')
  const { name, ...others } = wish
  assert.match(name.full, /^ghcr\.io\/coredog\/coredog:/)
  assert.deepEqual(others, { architectures: [own], libraries: 'debian', root: null })
})

it('readImageOptions() takes what it is told', () => {
  const wish = readImageOptions(['--tag=r.example/dog:1', `--arch=${other}`, '--root=/there'])
  assert.ok(typeof wish === 'object')
  assert.equal(wish.name.full, 'r.example/dog:1')
  assert.deepEqual([wish.architectures, wish.root], [[other], '/there'])
  assert.equal(readImageOptions(['--help']), 'help')
  assert.equal(readImageOptions(['--renew-pins']), 'renew pins')
})

for (const [args, message] of [
  [['--libraries=alpine'], /^OperatorError: Cannot take libraries of "alpine"$/],
  [['--libraries=machine', `--arch=${other}`], /with the libraries of this machine, which is /],
  [['--root=/there', '--arch=all'], /^OperatorError: Cannot write several architectures into "\/there"$/],
  [['--arch=mips'], /^OperatorError: Cannot build for "mips"$/],
] as const) {
  it(`readImageOptions() refuses ${args.join(' ')}`, () => {
    assert.throws(() => readImageOptions(args), message)
  })
}
