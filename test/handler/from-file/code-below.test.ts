import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { UntrustedDirectory } from '../../../durable/untrusted-directory.ts'
import { codeBelow } from '../../../handler/from-file/code-below.ts'
import { nodeProc } from '../../../handler/identity/proc.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'

/** How large the file is that is opened for `name`; `null`: none is. */
async function sizeOf(root: string, name: string): Promise<number | null> {
  await using directory = await UntrustedDirectory.open(root)
  const file = await codeBelow(directory, nodeProc(60))(name)
  if (file !== null) closeSync(file.fd)
  return file?.sizeBytes ?? null
}

/** A root, and a file beside it that links in it lead to. */
function tenantsRoot(test: TestContext): string {
  const folder = temporaryFolder(test)
  const root = path.join(folder, 'root')
  mkdirSync(path.join(root, 'lib'), { recursive: true })
  writeFileSync(path.join(root, 'lib/app'), 'code')
  writeFileSync(path.join(root, 'lib/名'), 'name')
  writeFileSync(path.join(folder, 'outside'), 'secret')
  symlinkSync('../outside', path.join(root, 'link'))
  symlinkSync('..', path.join(root, 'up'))
  symlinkSync('lib', path.join(root, 'lib64'))
  execFileSync('mkfifo', [path.join(root, 'fifo')])
  return root
}

it('codeBelow() opens regular files by their paths', async t => {
  const root = tenantsRoot(t)
  assert.deepEqual([await sizeOf(root, '/lib/app'), await sizeOf(root, '/lib/名')], [4, 4])
})

const refused = [
  { name: 'a link', path: '/link' },
  { name: 'what lies behind a link', path: '/up/outside' },
  { name: 'what lies behind a link that stays inside', path: '/lib64/app' },
  { name: 'a path that goes up', path: '/lib/../../outside' },
  { name: 'a path with an empty name', path: '/lib//app' },
  { name: 'a path that begins nowhere', path: 'lib/app' },
  { name: 'no path', path: '' },
  { name: 'a directory', path: '/lib' },
  { name: 'the root', path: '/' },
  { name: 'a FIFO', path: '/fifo' },
  { name: 'what is not there', path: '/lib/gone' },
  { name: 'what is in a file', path: '/lib/app/app' },
  { name: 'a path with a NUL', path: '/lib/app\0' },
  { name: 'a path that is endless', path: '/lib'.repeat(1000) },
]
for (const { name, path: asked } of refused)
  it(`codeBelow() does not open ${name}`, async t => assert.equal(await sizeOf(tenantsRoot(t), asked), null))
