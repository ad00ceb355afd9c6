import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { cacheFolderIn, openCacheFolder } from '../../../cli/debug/cache-folder.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'

it('cacheFolderIn() goes by the XDG Base Directory Specification', () => {
  assert.equal(cacheFolderIn({ HOME: '/home/a' }), '/home/a/.cache/coredog')
  assert.equal(cacheFolderIn({ HOME: '/home/a', XDG_CACHE_HOME: '/scratch' }), '/scratch/coredog')
  assert.equal(cacheFolderIn({ HOME: '/home/a', XDG_CACHE_HOME: 'scratch' }), '/home/a/.cache/coredog')
})

it('openCacheFolder() makes a folder for oneself alone, and takes it again', async t => {
  const folder = path.join(temporaryFolder(t), 'a/b/coredog')
  await openCacheFolder(folder)
  await openCacheFolder(folder)
  assert.equal(statSync(folder).mode & 0o777, 0o700)
})

const others: Readonly<Record<string, (folder: string) => void>> = {
  'others may look into': folder => {
    mkdirSync(folder)
    chmodSync(folder, 0o750)
  },
  'is a link': folder => {
    mkdirSync(`${folder}-elsewhere`, { mode: 0o700 })
    symlinkSync(`${folder}-elsewhere`, folder)
  },
  'is a file': folder => writeFileSync(folder, '', { mode: 0o600 }),
}
for (const [name, make] of Object.entries(others)) {
  it(`openCacheFolder() refuses one that ${name}`, async t => {
    const folder = path.join(temporaryFolder(t), 'coredog')
    make(folder)
    await assert.rejects(openCacheFolder(folder), { exitCode: 1 })
  })
}

it('openCacheFolder() refuses a path that a debugger would take for two', async t => {
  await assert.rejects(openCacheFolder(path.join(temporaryFolder(t), 'a:b')), /characters/)
})
