import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { NotFoundError, StoreError } from '../../../storage/errors.ts'
import { isPartial } from '../../../storage/file/file-object.ts'
import { FileStore } from '../../../storage/file/file-store.ts'
import { all, failingAfter } from '../bodies.ts'
import { conformsToObjectStore } from '../conformance.ts'

conformsToObjectStore('FileStore', async () => {
  const mountPath = await mkdtemp(path.join(tmpdir(), 'coredog-file-store-'))
  return {
    age: key => utimes(path.join(mountPath, 'corefiles', key), 0, Date.now() / 1000 - 3600),
    store: new FileStore({ protocol: 'cfs', mountPath, storeDir: 'corefiles' }),
    leftovers: async () =>
      (await readdir(mountPath, { recursive: true })).filter(name => isPartial(path.basename(name))),
    close: () => rm(mountPath, { recursive: true }),
  }
})

describe('FileStore', () => {
  let folder: string
  let store: FileStore
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'coredog-file-store-'))
    await mkdir(path.join(folder, 'mount'))
    store = new FileStore({ protocol: 'cfs', mountPath: path.join(folder, 'mount'), storeDir: 'corefiles' })
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('put() does not make a mount path that is not there', async () => {
    const unmounted = path.join(folder, 'unmounted')
    const lost = new FileStore({ protocol: 'cfs', mountPath: unmounted, storeDir: 'corefiles' })
    await assert.rejects(lost.put('a/b', [], 0), {
      message: `Cannot put "cfs://${unmounted}/corefiles/a/b": the mount path "${unmounted}" does not exist`,
      hint: 'Mount the file system there on this node, or correct CFSMountPath in StorageConfig.',
    })
    await assert.rejects(all(lost.list('')), StoreError)
    await assert.rejects(lost.remove('a/b'), StoreError)
    await assert.rejects(
      lost.get('a/b'),
      error => error instanceof StoreError && !(error instanceof NotFoundError),
    )
    assert.deepEqual(await readdir(folder), ['mount'])
  })

  it('put() says so when the mount path is a file', async () => {
    await writeFile(path.join(folder, 'file'), '')
    const wrong = new FileStore({ protocol: 'cfs', mountPath: path.join(folder, 'file'), storeDir: '' })
    await assert.rejects(wrong.put('a', [], 0), /the mount path ".*" is no directory$/)
  })

  it('removeAll() leaves no empty folders of groups, and those of others as they are', async () => {
    const groupOf = (workload: string, site: string) => `_groups/prod/shop/${workload}/${site.repeat(32)}`
    const [past, alive] = [groupOf('web', 'a'), groupOf('db', 'b')]
    const keys = [`${past}/kept/1.000000-0`, `${past}/seen/node-1`, `${past}/summary.json`]
    for (const key of [...keys, `${past}/told/0`, `${alive}/told/1`, `${alive}/seen/node-1`])
      await store.put(key, [Buffer.from('x')], 1)
    await store.remove(`${past}/told/0`)
    await store.removeAll([...keys, `${alive}/told/1`])
    const found = await readdir(path.join(folder, 'mount/corefiles'), { recursive: true })
    assert.deepEqual(found.toSorted(), [
      ...['_groups', '_groups/prod', '_groups/prod/shop', '_groups/prod/shop/db'],
      ...[alive, `${alive}/seen`, `${alive}/seen/node-1`],
    ])
    assert.equal(await store.putIfNew(keys[0]!, Buffer.from('x'), AbortSignal.timeout(60_000)), 'won')
  })

  it('put() makes directories 0750 and files 0640', async () => {
    const umask = process.umask(0o022)
    await store.put('ns/pod/core.gz', [Buffer.from('x')], 0)
    process.umask(umask)
    const modeOf = async (name: string) =>
      ((await stat(path.join(folder, 'mount', name))).mode & 0o777).toString(8)
    assert.equal(await modeOf('corefiles'), '750')
    assert.equal(await modeOf('corefiles/ns/pod'), '750')
    assert.equal(await modeOf('corefiles/ns/pod/core.gz'), '640')
  })

  it('put() gives an object its name only when it is whole', async () => {
    const seen: string[][] = []
    async function* watching() {
      // More than one part: until then nothing is written.
      yield Buffer.alloc(9 * 2 ** 20)
      seen.push(await readdir(path.join(folder, 'mount/corefiles')))
    }
    await store.put('core.gz', watching(), 0)
    assert.deepEqual(seen.flat().map(isPartial), [true])
    assert.deepEqual(await readdir(path.join(folder, 'mount/corefiles')), ['core.gz'])
  })

  it('put() asks the body for nothing when the place refuses it', async () => {
    await mkdir(path.join(folder, 'mount/corefiles'))
    await writeFile(path.join(folder, 'mount/corefiles/ns'), 'a file where a directory should be')
    const body = failingAfter(Buffer.from('x'), new Error('was asked'))
    await assert.rejects(store.put('ns/pod/core.gz', body, 0), {
      message: /the path leads over something that is no directory \(ENOTDIR\)$/,
      hint: /links are not followed/,
    })
  })

  for (const link of ['corefiles', 'corefiles/ns']) {
    it(`no operation follows a symbolic link at ${link}`, async () => {
      const outside = path.join(folder, 'outside')
      await mkdir(path.join(outside, 'ns'), { recursive: true })
      await writeFile(path.join(outside, 'ns/secret'), 'secret')
      await writeFile(path.join(outside, 'secret'), 'secret')
      await mkdir(path.join(folder, 'mount', path.dirname(link)), { recursive: true })
      await symlink(outside, path.join(folder, 'mount', link))
      await assert.rejects(store.put('ns/planted', [Buffer.from('x')], 0), StoreError)
      await assert.rejects(store.get('ns/secret'), StoreError)
      await store.remove('ns/secret')
      const listed = await all(store.list('')).catch(error => [error.name])
      assert.ok(['', 'StoreError'].includes(String(listed)), String(listed))
      assert.deepEqual((await readdir(outside)).sort(), ['ns', 'secret'])
      assert.deepEqual(await readdir(path.join(outside, 'ns')), ['secret'])
    })
  }

  it('get() opens neither a link nor a FIFO', { timeout: 120_000 }, async () => {
    await mkdir(path.join(folder, 'mount/corefiles'))
    await symlink('/etc/hostname', path.join(folder, 'mount/corefiles/link'))
    execFileSync('mkfifo', [path.join(folder, 'mount/corefiles/fifo')])
    await assert.rejects(store.get('link'), StoreError)
    await assert.rejects(store.get('fifo'), NotFoundError)
  })

  it('put() replaces a link at the name itself, and leaves its target alone', async () => {
    await mkdir(path.join(folder, 'mount/corefiles'))
    await writeFile(path.join(folder, 'target'), 'untouched')
    await symlink(path.join(folder, 'target'), path.join(folder, 'mount/corefiles/core.gz'))
    await store.put('core.gz', [Buffer.from('core')], 0)
    assert.equal(await readFile(path.join(folder, 'target'), 'utf8'), 'untouched')
    assert.equal(await readFile(path.join(folder, 'mount/corefiles/core.gz'), 'utf8'), 'core')
  })

  it('list() shows no unfinished files', async () => {
    await store.put('core.gz', [Buffer.from('x')], 0)
    await writeFile(path.join(folder, 'mount/corefiles/.coredog-0123456789abcdef.partial'), 'half')
    const listed = await all(store.list(''))
    assert.deepEqual(
      listed.map(({ key, sizeBytes }) => [key, sizeBytes]),
      [['core.gz', 1]],
    )
  })

  it('list() of a mount without StoreDir is empty', async () => {
    assert.deepEqual(await all(store.list('')), [])
  })

  it('location() is what the original CoreDog wrote', () => {
    const original = new FileStore({ protocol: 'cfs', mountPath: '/mnt/cfs', storeDir: 'corefiles' })
    assert.equal(original.location('ns/pod/core.gz'), 'cfs:///mnt/cfs/corefiles/ns/pod/core.gz')
    const rootless = new FileStore({ protocol: 'cfs', mountPath: '/mnt/cfs/', storeDir: '' })
    assert.equal(rootless.location('core.gz'), 'cfs:///mnt/cfs/core.gz')
  })
})
