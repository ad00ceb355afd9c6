import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import type { PinnedPackage } from '../../../build/debian/pins.ts'
import { programInPath } from '../../../build/program-in-path.ts'

export const skip = ['apt-get', 'dpkg-deb'].every(name => programInPath(name) !== null)
  ? false
  : 'no apt here'

/** A folder from which this machine's apt fetches, until the test is over, one package. */
export function repositoryOf(t: TestContext, moreSettings = ''): { folder: string; has: PinnedPackage } {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-repository-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const has = makePackage(folder)
  writeFileSync(path.join(folder, 'sources.list'), `deb [trusted=yes] file:${folder} ./\n`)
  const settings = `Dir::Etc::sourcelist "${folder}/sources.list";\nDir::Etc::sourceparts "/dev/null";\n`
  writeFileSync(path.join(folder, 'machine.conf'), settings + moreSettings.replaceAll('FOLDER', folder))
  const before = process.env.APT_CONFIG
  process.env.APT_CONFIG = path.join(folder, 'machine.conf')
  t.after(() => {
    if (before === undefined) delete process.env.APT_CONFIG
    else process.env.APT_CONFIG = before
  })
  return { folder, has }
}

function makePackage(folder: string): PinnedPackage {
  const source = path.join(folder, 'source')
  mkdirSync(path.join(source, 'DEBIAN'), { recursive: true })
  // dpkg-deb takes no other, and the umask of a newcomer may be strict.
  chmodSync(path.join(source, 'DEBIAN'), 0o755)
  const control =
    'Package: bone\nVersion: 1.0\nArchitecture: all\nMaintainer: D <d@o.g>\nDescription: a bone\n'
  writeFileSync(path.join(source, 'DEBIAN/control'), control)
  execFileSync('dpkg-deb', ['--build', source, path.join(folder, 'bone.deb')], { stdio: 'ignore' })
  const content = readFileSync(path.join(folder, 'bone.deb'))
  const sha256 = createHash('sha256').update(content).digest('hex')
  const where = `Filename: ./bone.deb\nSize: ${content.length}\nSHA256: ${sha256}\n`
  writeFileSync(path.join(folder, 'Packages'), control + where)
  return { name: 'bone', version: '1.0', sha256 }
}
