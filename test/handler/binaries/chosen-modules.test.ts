import assert from 'node:assert/strict'
import { it } from 'node:test'
import { chosenModules, type Module, nameOf } from '../../../handler/binaries/chosen-modules.ts'
import type { OpenModule } from '../../../handler/why/evidence.ts'

function module(path: string, start: bigint): OpenModule {
  return { path, ranges: [{ start, end: start + 0x1000n, fileOffset: 0n }], fd: 3, sizeBytes: 17 }
}

const modules = [
  module('/lib/libc.so', 0x1000n),
  module('/app/server', 0x4000n),
  module('/lib/ld.so', 0x9000n),
]
const paths = (chosen: readonly Module[]) => chosen.map(({ path }) => path)

it('chosenModules() knows the executable by where the program began', () => {
  assert.deepEqual(paths(chosenModules({ modules, entry: 0x4010n }, 'executable')), ['/app/server'])
  assert.deepEqual(paths(chosenModules({ modules, entry: 0x4010n }, 'modules')), [
    '/app/server',
    '/lib/libc.so',
    '/lib/ld.so',
  ])
  assert.deepEqual(chosenModules({ modules, entry: 0x4010n }, 'off'), [])
})

it('chosenModules() takes the first one where that is not known', () => {
  assert.deepEqual(paths(chosenModules({ modules }, 'executable')), ['/lib/libc.so'])
  assert.deepEqual(paths(chosenModules({ modules, entry: 0x5000n }, 'executable')), ['/lib/libc.so'])
  assert.deepEqual(chosenModules({ modules: [] }, 'modules'), [])
})

it('chosenModules() has the executable although its file was not found', () => {
  const gone = { path: '/app/server', ranges: modules[1]?.ranges ?? [], beginning: Buffer.alloc(64) }
  const held = { modules: modules.slice(0, 1), unopened: [gone], entry: 0x4010n }
  assert.deepEqual(chosenModules(held, 'executable'), [gone])
})

it('chosenModules() takes no more than sixty-four', () => {
  const many = Array.from({ length: 200 }, (_, at) => module(`/lib/${at}.so`, BigInt(at) * 0x1000n))
  assert.equal(chosenModules({ modules: many, entry: 0x64_000n }, 'modules').length, 64)
})

it('nameOf() shows a path as a tenant may not have it seen', () => {
  assert.deepEqual(nameOf(module('/app/\u{1b}[31mred\n', 0n)), {
    path: '/app/\\x1b[31mred\\n',
    sizeBytes: 17,
  })
  assert.equal(nameOf(module('x'.repeat(4096), 0n)).path?.length, 256)
})
