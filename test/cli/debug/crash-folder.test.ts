import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import fc from 'fast-check'
import { layOut } from '../../../cli/debug/crash-folder.ts'
import { sonameOf } from '../../../cli/debug/soname.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { inputs } from '../../inputs.ts'
import { hostile } from '../../notify/sample-notification.ts'

it('layOut() has files where the process had them, libraries by name, and symbols by build id', async t => {
  const folder = temporaryFolder(t)
  const file = path.join(folder, 'object')
  writeFileSync(file, 'bytes')
  const module = (named: string) => ({ path: named, file, sizeBytes: 5 })
  const laid = await layOut(path.join(folder, 'crash'), {
    ...{ core: file, program: file, symbols: [{ buildId: 'abcdef', file }] },
    modules: [
      module('/app/web'),
      module('/usr/lib/libx.so.1.2'),
      module('/app/web/below/it'),
      module('/../x'),
    ],
  })
  const found = globSync('**', { cwd: laid.folder }).filter(name =>
    statSync(path.join(laid.folder, name)).isFile(),
  )
  assert.equal(readFileSync(path.join(laid.debug, '.build-id/ab/cdef.debug'), 'utf8'), 'bytes')
  assert.deepEqual(found.sort(), [
    ...['core', 'libraries/it', 'libraries/libx.so.1.2', 'libraries/web'],
    ...['libraries/x', 'program', 'sysroot/app/web', 'sysroot/usr/lib/libx.so.1.2'],
  ])
})

it('layOut() writes nowhere else, whatever files are called', async t => {
  const root = temporaryFolder(t)
  const file = path.join(root, 'object')
  writeFileSync(file, 'bytes')
  const names = fc.array(fc.oneof(hostile, fc.constantFrom('../../x', '/../../x', '/a/../../../x')), {
    maxLength: 5,
  })
  await fc.assert(
    fc.asyncProperty(names, async paths => {
      const modules = paths.map(named => ({ path: named, file, sizeBytes: 5 }))
      await layOut(path.join(root, 'crashes'), { core: file, program: null, modules, symbols: [] })
      assert.deepEqual(readdirSync(root).sort(), ['crashes', 'object'])
    }),
    inputs(40),
  )
})

it('layOut() puts a crash in the place of what was there of it', async t => {
  const root = temporaryFolder(t)
  const file = path.join(root, 'object')
  writeFileSync(file, 'bytes')
  const files = { core: file, program: null, modules: [], symbols: [] }
  await layOut(path.join(root, 'crash'), { ...files, program: file })
  const laid = await layOut(path.join(root, 'crash'), files)
  assert.deepEqual(
    [existsSync(path.join(laid.folder, 'program')), readFileSync(laid.core, 'utf8')],
    [false, 'bytes'],
  )
  assert.deepEqual(readdirSync(root).sort(), ['crash', 'object'])
})

it('sonameOf() is the name by which programs ask for a library', t => {
  const folder = temporaryFolder(t)
  const [source, library] = [path.join(folder, 'x.c'), path.join(folder, 'libx.so.1.2.3')]
  writeFileSync(source, 'int x;')
  try {
    execFileSync('cc', ['-shared', '-fPIC', '-Wl,-soname,libx.so.1', '-o', library, source])
  } catch {
    return t.skip('there is no compiler')
  }
  assert.equal(sonameOf(library, statSync(library).size), 'libx.so.1')
  assert.equal(sonameOf(source, statSync(source).size), null)
  const bytes = readFileSync(library)
  // Whatever a program holds, it has a name that is one, or none.
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.uint8Array({ maxLength: 16 }), (at, change) => {
      const hurt = Buffer.from(bytes)
      hurt.set(change.subarray(0, hurt.length - at), at)
      writeFileSync(library, hurt)
      assert.ok(!/[/\0]/.test(sonameOf(library, hurt.length) ?? ''))
    }),
    inputs(100),
  )
})
