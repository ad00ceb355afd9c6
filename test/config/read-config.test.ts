import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, beforeEach, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { readConfig, readConfigTexts } from '../../config/read-config.ts'
import { OperatorError } from '../../crash/errors.ts'
import { privateAuthority } from '../fakes/private-authority.ts'

const STORAGE = 'StorageConfig: {S3Bucket: crashes, s3Region: eu-central-1}\n'

let root = ''
let dir = ''
let file = ''
let secretsFile = ''

before(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coredog-config-'))
})
beforeEach(async () => {
  dir = await mkdtemp(path.join(root, 'case-'))
  file = path.join(dir, 'coredog.yaml')
  secretsFile = path.join(dir, 'coredog-secrets.yaml')
})
after(() => rm(root, { recursive: true, force: true }))

async function refused(message: string, hint: RegExp): Promise<void> {
  await assert.rejects(readConfig(file), error => {
    assert.ok(error instanceof OperatorError, String(error))
    assert.equal(error.message, message)
    assert.match(error.hint, hint)
    return true
  })
}

it('readConfig() reads a file without secrets beside it', async () => {
  await writeFile(file, STORAGE)
  const { config } = await readConfig(file)
  assert.ok(config.storage.protocol === 's3')
  assert.equal(config.storage.bucket, 'crashes')
})

it('readConfig() puts the secrets beside it over it', async () => {
  await writeFile(file, STORAGE)
  await writeFile(secretsFile, 'StorageConfig: {s3AccesskeyID: id, s3SecretAccessKey: key}')
  const { config } = await readConfig(file)
  assert.ok(config.storage.protocol === 's3')
  assert.deepEqual(config.storage.credentials, { accessKeyId: 'id', secretAccessKey: 'key' })
})

it('readConfig() names the file and line of a warning', async () => {
  await writeFile(file, `${STORAGE}foo: 1`)
  const { warnings } = await readConfig(file)
  assert.deepEqual(warnings, [
    { file, line: 2, key: 'foo', message: `${file}:2: foo is not a key of CoreDog and is ignored` },
  ])
})

it('readConfig() names the secrets where they are wrong', async () => {
  await writeFile(file, STORAGE)
  await writeFile(secretsFile, 'a: [')
  await assert.rejects(readConfig(file), { message: /coredog-secrets\.yaml": line 1, column 5: / })
})

it('readConfig() says what to do when there is no file', async () => {
  await writeFile(secretsFile, STORAGE)
  await refused(
    `Cannot read "${file}": there is no such file`,
    /--config=FILE of the handler, --config-dir=DIR of installer/,
  )
})

it('readConfig() refuses a directory', async () => {
  await mkdir(file)
  await refused(`Cannot read "${file}": it is not a file`, /path of the file/)
})

it('readConfig() refuses a FIFO, and does not wait for it', { timeout: 120_000 }, async () => {
  execFileSync('mkfifo', [file])
  await refused(`Cannot read "${file}": it is not a file`, /path of the file/)
})

it('readConfig() refuses more than a mebibyte', async () => {
  await writeFile(file, '#'.repeat(1024 * 1024 + 1))
  await refused(
    `Cannot read "${file}": it has 1048577 bytes, at most 1048576 are allowed`,
    /less than a hundred lines/,
  )
})

it('readConfig() refuses secrets that it may not read', {
  skip: process.getuid?.() === 0 && 'root may read all',
}, async () => {
  await writeFile(file, STORAGE)
  await writeFile(secretsFile, STORAGE)
  await chmod(secretsFile, 0)
  await refused(`Cannot read "${secretsFile}": permission denied`, /root/)
})

it('readConfig() refuses secrets that are not readable, root or not', async () => {
  await writeFile(file, STORAGE)
  await mkdir(secretsFile)
  await refused(`Cannot read "${secretsFile}": it is not a file`, /path of the file/)
})

it('readConfig() says so when the path leads through a file', async () => {
  await writeFile(file, STORAGE)
  file = path.join(file, 'coredog.yaml')
  await assert.rejects(readConfig(file), { name: 'OperatorError', hint: /Check the path/ })
})

/** As a kubelet does: all files of a version in a folder, and one link that is replaced. */
function publish(version: string): void {
  mkdirSync(path.join(dir, version))
  for (const name of ['coredog.yaml', 'coredog-secrets.yaml'])
    writeFileSync(path.join(dir, version, name), version)
  symlinkSync(version, path.join(dir, '..new'))
  renameSync(path.join(dir, '..new'), path.join(dir, '..data'))
}

it('readConfigTexts() reads both of one version, whenever the version changes', async () => {
  await symlink('..data/coredog.yaml', file)
  await symlink('..data/coredog-secrets.yaml', secretsFile)
  publish('..0')
  for (let version = 1; version <= 200; version += 1) {
    const texts = readConfigTexts(file)
    for (let turns = version % 20; turns > 0; turns -= 1) await turn()
    publish(`..${version}`)
    rmSync(path.join(dir, `..${version - 1}`), { recursive: true })
    const { text, secrets } = await texts
    assert.equal(text, secrets)
  }
})

it('readConfigTexts() takes secrets from another folder', async () => {
  await mkdir(path.join(dir, 'secrets'))
  await writeFile(path.join(dir, 'secrets', 'coredog-secrets.yaml'), 'there')
  await writeFile(secretsFile, 'beside')
  await writeFile(file, STORAGE)
  assert.deepEqual(await readConfigTexts(file, path.join(dir, 'secrets')), {
    text: STORAGE,
    secrets: 'there',
  })
  await rm(path.join(dir, 'secrets'), { recursive: true })
  assert.deepEqual(await readConfigTexts(file, path.join(dir, 'secrets')), { text: STORAGE, secrets: null })
})

it('readConfig() takes the certificates of network.caFile from beside it, and no key that is with them', async () => {
  const { certificate, key } = await privateAuthority()
  await writeFile(file, `${STORAGE}network: {caFile: ca.pem}\n`)
  await writeFile(path.join(dir, 'ca.pem'), `# ours\n${key}${certificate}`)
  const { config, warnings } = await readConfig(file)
  assert.deepEqual(config.network.authorities, [`${certificate.trim()}\n`])
  assert.deepEqual(warnings, [])
})

it('readConfig() takes what the installer brought before what caFile names, which is another place', async () => {
  const { certificate } = await privateAuthority()
  await writeFile(file, `${STORAGE}network: {caFile: /etc/pki/of-the-pod.pem}\n`)
  await writeFile(path.join(dir, 'coredog-authorities.pem'), certificate)
  assert.deepEqual((await readConfig(file)).config.network.authorities, [`${certificate.trim()}\n`])
})

for (const [what, content, said] of [
  ['is not there', null, /Cannot read network\.caFile: there is no ".*ca\.pem"$/],
  ['holds no certificate', 'MIIB', /Cannot use network\.caFile: ".*" holds no certificate in PEM form$/],
  [
    'holds a broken one',
    '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
    /holds a certificate that is broken, the 1\. in it$/,
  ],
] as const) {
  it(`readConfig() warns of a caFile that ${what}: a crash is handled all the same`, async () => {
    await writeFile(file, `${STORAGE}network: {caFile: ca.pem}\n`)
    if (content !== null) await writeFile(path.join(dir, 'ca.pem'), content)
    const { config, warnings } = await readConfig(file)
    assert.deepEqual(config.network.authorities, [])
    assert.match(warnings[0]?.message ?? '', said)
  })
}
