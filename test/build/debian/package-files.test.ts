import assert from 'node:assert/strict'
import { it } from 'node:test'
import { PackageFiles } from '../../../build/debian/package-files.ts'

const files = new PackageFiles(
  new Map<string, Buffer | string>([
    ['/lib/x86_64-linux-gnu/libc.so.6', Buffer.from('libc')],
    ['/lib64/ld-linux-x86-64.so.2', '/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2'],
    ['/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2', 'ld-2.36.so'],
    ['/lib/x86_64-linux-gnu/ld-2.36.so', Buffer.from('loader')],
    ['/usr/share/doc/libgcc-s1', 'gcc-12-base'],
    ['/usr/share/doc/gcc-12-base/copyright', Buffer.from('copyright')],
    ['/circle/one', 'other'],
    ['/circle/other', 'one'],
    ['/up', '../../etc'],
  ]),
)

for (const [file, content] of [
  ['/lib/x86_64-linux-gnu/libc.so.6', 'libc'],
  ['/lib64/ld-linux-x86-64.so.2', 'loader'],
  ['/usr/share/doc/libgcc-s1/copyright', 'copyright'],
  ['/lib/../lib/x86_64-linux-gnu/libc.so.6', 'libc'],
  ['/lib/x86_64-linux-gnu', null],
  ['/circle/one', null],
  ['/up/passwd', null],
  ['/etc/passwd', null],
] as const) {
  it(`PackageFiles has of ${file} ${content === null ? 'nothing' : `"${content}"`}`, async () => {
    const read = await files.read(file)
    assert.equal(read === null ? null : String(read), content)
  })
}
