import assert from 'node:assert/strict'
import { closeSync, fstatSync, openSync } from 'node:fs'
import { it } from 'node:test'
import { readCoreHead } from '../../../crash/core-head.ts'
import { openModules } from '../../../handler/from-file/core-modules.ts'
import type { OpenFile } from '../../../handler/identity/proc.ts'
import { isOpen } from '../../fakes/core-file.ts'
import { elfCore, elfPage } from '../../fakes/elf-core.ts'

const PAGE = 4096n

it('openModules() waits for no file behind one that hangs, and closes what comes too late', async t => {
  // As a thread in state D would.
  const alive = setInterval(() => undefined, 1000)
  t.after(() => clearInterval(alive))
  const paths = ['/mnt/gone/app', '/lib/libc.so.6']
  const page = elfPage(Buffer.alloc(20, 'id'))
  const at = (index: number) => 0x40_0000n + BigInt(index) * PAGE
  const core = elfCore({
    files: paths.map((path, index) => ({ start: at(index), end: at(index) + PAGE, pages: 0n, path })),
    memory: paths.map((_, index) => ({ address: at(index), bytes: page, flags: 5 })),
  })
  const read = readCoreHead(core)
  const head = 'head' in read ? read.head : assert.fail()
  const asked: string[] = []
  const hangs = Promise.withResolvers<OpenFile | null>()
  const code = await openModules(
    head,
    async () => page,
    path => {
      asked.push(path)
      return hangs.promise
    },
  )
  assert.deepEqual(asked, ['/mnt/gone/app'])
  assert.deepEqual([code.modules, code.unopened.map(({ path }) => path)], [[], paths])

  const fd = openSync(import.meta.filename, 'r')
  hangs.resolve({ fd, sizeBytes: fstatSync(fd).size })
  while (isOpen(fd)) await new Promise(setImmediate)
  assert.throws(() => closeSync(fd), { code: 'EBADF' })
})
