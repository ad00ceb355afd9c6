import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { it } from 'node:test'
import { PackageFiles } from '../../../build/debian/package-files.ts'
import { fetchPackages } from '../../../build/debian/packages.ts'
import { librariesOf } from '../../../build/libraries.ts'
import { readElfHeader } from '../../../crash/elf.ts'

const skip = /^VERSION_CODENAME=bookworm$/m.test(readFileSync('/etc/os-release', 'utf8'))
  ? false
  : 'the pinned packages are those of Debian 12'

for (const [architecture, machine] of [
  ['x64', 62],
  ['arm64', 183],
] as const) {
  it(`the pinned packages have chroot, what it needs and their copyrights, for ${architecture}`, {
    skip,
  }, async () => {
    const files = await PackageFiles.of(await fetchPackages(architecture))
    const chroot = await files.read('/usr/sbin/chroot')
    assert.ok(chroot !== null)
    assert.equal(readElfHeader(chroot)?.machine, machine)
    assert.ok((await librariesOf([chroot], files)).size > 1)
    for (const name of ['coreutils', 'libc6', 'libgcc-s1', 'libstdc++6'])
      assert.ok((await files.read(`/usr/share/doc/${name}/copyright`)) !== null, name)
  })
}
