import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { walk } from '../../../storage/file/file-walk.ts'
import { StoreDirectory } from '../../../storage/file/store-directory.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { all } from '../bodies.ts'

// Of a file system in user space: a local one says of a directory that was removed that it is empty.
it('walk() goes on behind a directory that is removed while it is entered', async t => {
  const folder = temporaryFolder(t)
  for (const name of ['a', 'b']) mkdirSync(path.join(folder, name))
  writeFileSync(path.join(folder, 'b/core'), '')
  await using root = await StoreDirectory.open(folder)
  const child = root.child.bind(root)
  t.mock.method(root, 'child', async (name: string) => {
    const entered = await child(name)
    if (name === 'a') t.mock.method(entered, 'at', () => path.join(folder, 'gone'))
    return entered
  })
  assert.deepEqual(
    (await all(walk(root, '', { prefix: '', after: '' }))).map(({ key }) => key),
    ['b/core'],
  )
})
