import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { execa } from 'execa'
import { FakeS3 } from '../../fakes/fake-s3.ts'

const ROOT = path.resolve(import.meta.dirname, '../../..')
// No account has this number.
const NOBODY = { uid: 63217, gid: 63217 }

const PROGRAM = `
  import { S3Store } from './storage/s3/s3-store.ts'
  const config = JSON.parse(process.argv[1])
  await new S3Store(config).put('a/core', [Buffer.from('whole')], 5)
`

it('S3Store stores where neither HOME nor /etc/passwd tells of a home', { timeout: 120_000 }, async t => {
  if (!canBeNobody(t)) return
  const store = await new FakeS3().listen()
  t.after(() => store[Symbol.asyncDispose]())
  const { endpoint, region, credentials } = store
  const config = {
    protocol: 's3',
    bucket: 'cores',
    region,
    endpoint,
    credentials,
    storeDir: 'corefiles',
    presignedUrlExpireSeconds: 60,
  }
  const args = ['--input-type=module', '--eval', PROGRAM, JSON.stringify(config)]
  await execa(process.execPath, args, { cwd: ROOT, env: {}, extendEnv: false, ...NOBODY, timeout: 120_000 })
  assert.equal(store.seen('PutObject').length, 1)
})

function canBeNobody(t: TestContext): boolean {
  const isRoot = process.getuid?.() === 0
  if (!isRoot && process.getuid?.() !== NOBODY.uid) {
    t.skip('only root can become somebody else')
    return false
  }
  const { error } = spawnSync(process.execPath, ['--version'], NOBODY)
  if (error !== undefined) t.skip(`this clone cannot be run as another user: ${error.message}`)
  return error === undefined
}
