import assert from 'node:assert/strict'
import path from 'node:path'
import { it } from 'node:test'
import { archiveFile, builtFiles } from '../../build/built-files.ts'
import { ownArchitecture } from '../../build/node-binary.ts'
import { ADDON_NAME } from '../../crash/our-pattern.ts'

const OWN = ownArchitecture()
const OTHER = OWN === 'x64' ? 'arm64' : 'x64'

it('builtFiles() keeps architectures apart, and the addon beside its handler', () => {
  const [own, other] = [builtFiles(OWN), builtFiles(OTHER)]
  for (const { handler, addon } of [own, other])
    assert.equal(addon, path.join(path.dirname(handler), ADDON_NAME))
  const all = [...Object.values(own), ...Object.values(other)]
  assert.equal(new Set(all).size, all.length)
})

it('archiveFile() has a name for each', () => {
  const names = ([[OWN], [OTHER], [OWN, OTHER]] as const).map(each => path.basename(archiveFile(each)))
  assert.deepEqual(names, ['coredog-image.tar', `coredog-image-${OTHER}.tar`, 'coredog-image-all.tar'])
})
