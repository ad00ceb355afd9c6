import assert from 'node:assert/strict'
import path from 'node:path'
import { it } from 'node:test'
import fc from 'fast-check'
import { fileName, sysrootPath } from '../../../cli/debug/sysroot-path.ts'
import { inputs } from '../../inputs.ts'
import { hostile } from '../../notify/sample-notification.ts'

it('sysrootPath() is where the process had the file', () => {
  assert.equal(sysrootPath('/usr/lib/x86_64-linux-gnu/libc.so.6'), 'usr/lib/x86_64-linux-gnu/libc.so.6')
  assert.equal(sysrootPath('/srv/my app/web'), 'srv/my app/web')
})

const refused = [
  ...['', '/', 'lib/libc.so.6', '/../etc/passwd', '/lib/../../x', '/./x', '//x', '/x/', '/a\0b', '/a\nb'],
  ...['/a:b', '/a\\b', '/\u202eb', `/${'x'.repeat(256)}`, '/x'.repeat(65), `/${'x/'.repeat(3000)}x`],
]
for (const named of refused) {
  it(`sysrootPath() has no place for ${JSON.stringify(named.slice(0, 20))}`, () => {
    assert.equal(sysrootPath(named), null)
  })
}

it('sysrootPath() never leads out of a sysroot', () => {
  const parts = fc.array(fc.oneof(fc.constantFrom('..', '.', '', 'lib', '/'), hostile), { maxLength: 6 })
  fc.assert(
    fc.property(parts, names => {
      const below = sysrootPath(`/${names.join('/')}`)
      assert.ok(below === null || path.join('/s', below) === `/s/${below}`)
      const name = fileName(names.join('/'))
      assert.ok(name === null || path.dirname(path.join('/s', name)) === '/s')
    }),
    inputs(500),
  )
})
