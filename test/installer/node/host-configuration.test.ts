import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, beforeEach, it } from 'node:test'
import { readConfigTexts } from '../../../config/read-config.ts'
import { OperatorError } from '../../../crash/errors.ts'
import { installConfiguration } from '../../../installer/node/host-configuration.ts'

let root = ''
let folder = ''

before(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coredog-host-configuration-'))
})
beforeEach(async () => {
  folder = path.join(await mkdtemp(path.join(root, 'case-')), 'etc/coredog')
})
after(() => rm(root, { recursive: true, force: true }))

const A = { text: 'text of A', secrets: 'secrets of A' }
const B = { text: 'text of B', secrets: 'secrets of B' }
const C = { text: 'text of C', secrets: null }

function installed() {
  return readConfigTexts(path.join(folder, 'coredog.yaml'))
}

/** Names in the folder, but for the versions'. */
async function names(): Promise<string[]> {
  return (await readdir(folder)).filter(name => !name.startsWith('..')).toSorted()
}

async function versions(): Promise<number> {
  return (await readdir(folder)).filter(name => name.startsWith('..version-')).length
}

it('installConfiguration() makes a folder that only root sees, and both files in it', async () => {
  await installConfiguration(folder, A)
  assert.deepEqual(await installed(), A)
  assert.equal(await readFile(path.join(folder, 'coredog.yaml'), 'utf8'), A.text)
  assert.equal(await readFile(path.join(folder, 'coredog-secrets.yaml'), 'utf8'), A.secrets)
  assert.equal((await stat(folder)).mode & 0o7777, 0o700)
  assert.equal((await stat(path.join(folder, 'coredog.yaml'))).mode & 0o7777, 0o600)
  assert.equal((await stat(path.join(folder, 'coredog-secrets.yaml'))).mode & 0o7777, 0o600)
})

it('installConfiguration() closes a folder that everybody saw', async () => {
  await mkdir(folder, { recursive: true, mode: 0o755 })
  await installConfiguration(folder, A)
  assert.equal((await stat(folder)).mode & 0o7777, 0o700)
})

it('installConfiguration() replaces one version by the next, and keeps only the one before', async () => {
  for (const texts of [A, B, C, A]) {
    await installConfiguration(folder, texts)
    assert.deepEqual(await installed(), texts)
  }
  assert.equal(await versions(), 2)
})

it('installConfiguration() removes secrets that are no more', async () => {
  await installConfiguration(folder, A)
  await installConfiguration(folder, C)
  assert.deepEqual(await installed(), C)
  assert.deepEqual(await names(), ['coredog.yaml'])
})

it('installConfiguration() takes the place of files that somebody wrote, and keeps others', async () => {
  await mkdir(folder, { recursive: true })
  await writeFile(path.join(folder, 'coredog.yaml'), 'by hand')
  await writeFile(path.join(folder, 'coredog-secrets.yaml'), 'by hand')
  await writeFile(path.join(folder, 'notes.txt'), 'by hand')
  await installConfiguration(folder, C)
  assert.deepEqual(await installed(), C)
  assert.deepEqual(await names(), ['coredog.yaml', 'notes.txt'])
})

it('installConfiguration() touches nothing when all is as it should be', async () => {
  await installConfiguration(folder, A)
  const before = await stat(folder)
  await installConfiguration(folder, A)
  assert.equal((await stat(folder)).mtimeMs, before.mtimeMs)
})

const damages: Record<string, () => Promise<unknown>> = {
  'the text was changed': () => writeFile(path.join(folder, 'coredog.yaml'), 'by hand'),
  'the secrets were changed': () => writeFile(path.join(folder, 'coredog-secrets.yaml'), 'by hand'),
  'the text was removed': () => rm(path.join(folder, '..data', 'coredog.yaml')),
  'a link was removed': () => rm(path.join(folder, 'coredog-secrets.yaml')),
  'the link to the version was removed': () => rm(path.join(folder, '..data')),
  'a link leads to somewhere else': async () => {
    await rm(path.join(folder, 'coredog.yaml'))
    await symlink('/dev/null', path.join(folder, 'coredog.yaml'))
  },
}
for (const [damage, make] of Object.entries(damages)) {
  it(`installConfiguration() puts it right when ${damage}`, async () => {
    await installConfiguration(folder, A)
    await make()
    await installConfiguration(folder, A)
    assert.deepEqual(await installed(), A)
    assert.deepEqual(await names(), ['coredog-secrets.yaml', 'coredog.yaml'])
  })
}

it('installConfiguration() removes what a kill has left', async () => {
  await installConfiguration(folder, A)
  await writeFile(path.join(folder, '.coredog-0123456789ab.new'), 'half')
  await mkdir(path.join(folder, '..version-0123456789abcdef'))
  await installConfiguration(folder, B)
  assert.deepEqual(await names(), ['coredog-secrets.yaml', 'coredog.yaml'])
  assert.equal(await versions(), 2)
})

it('installConfiguration() says what to do when the node cannot be written to', async () => {
  await writeFile(path.join(path.dirname(path.dirname(folder)), 'etc'), 'no folder')
  await assert.rejects(installConfiguration(folder, A), (error: unknown) => {
    assert.ok(error instanceof OperatorError)
    assert.match(error.message, /^Cannot write the configuration to ".*\/etc\/coredog" of the node: ENOTDIR/)
    assert.match(error.hint, /mounted writable/)
    return true
  })
})
