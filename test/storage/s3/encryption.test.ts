import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { EncryptionConfig } from '../../../config/config.ts'
import { parseConfig } from '../../../config/parse-config.ts'
import { tryStore } from '../../../storage/store-trial.ts'
import { type Fault, faults, startFakeS3 } from '../../fakes/fake-s3.ts'
import type { SeenRequest } from '../../fakes/s3-operations.ts'
import { s3StoreOf } from './s3-store-of.ts'

const ALGORITHM = 'x-amz-server-side-encryption'
const KEY = `${ALGORITHM}-aws-kms-key-id`
const NEW = ['PutObject', 'CreateMultipartUpload']

/**
 * A bucket whose policy wants `encryption` of each request that makes an object; S3 itself refuses it of a
 * part.
 */
function demanding({ algorithm, keyId }: EncryptionConfig) {
  return ({ operation, headers }: SeenRequest): Fault | null => {
    const isAsked = headers[ALGORITHM] === algorithm && headers[KEY] === keyId
    if (NEW.includes(operation) && !isAsked)
      return faults.refuse(
        403,
        'AccessDenied',
        'no one may, with an explicit deny in a resource-based policy',
      )
    const isSaid = headers[ALGORITHM] !== undefined || headers[KEY] !== undefined
    if (!NEW.includes(operation) && isSaid)
      return faults.refuse(
        400,
        'InvalidArgument',
        'x-amz-server-side-encryption header is not supported for this operation.',
      )
    return null
  }
}

for (const encryption of [
  { algorithm: 'AES256' },
  { algorithm: 'aws:kms' },
  { algorithm: 'aws:kms', keyId: 'arn:aws:kms:eu-central-1:111122223333:key/k' },
] as const) {
  it(`S3Store stores in a bucket that demands ${Object.values(encryption).join(' ')}, in one piece and in parts`, async () => {
    await using s3 = await startFakeS3({ faultOf: demanding(encryption) })
    const store = s3StoreOf(s3, { encryption })
    assert.equal(await store.put('report.json', [Buffer.from('{}')], 2), 'stored')
    assert.equal(await store.put('core.gz', [Buffer.alloc(9_000_000)], 9_000_000), 'stored')
    assert.ok(s3.seen('UploadPart').length >= 2)
    await tryStore(store, 'node-7')
  })
}

it('S3Store.put() blames the policy where it is not asked for', async () => {
  await using s3 = await startFakeS3({ faultOf: demanding({ algorithm: 'AES256' }) })
  await assert.rejects(s3StoreOf(s3).put('k', [Buffer.from('x')], 1), { hint: /serverSideEncryption/ })
})

it('parseConfig() takes an encryption in any case, and warns of a key that has no effect', () => {
  const parse = (more: string) => {
    const { config, warnings } = parseConfig(`StorageConfig: {S3Bucket: b, s3Region: eu-central-1, ${more}}`)
    assert.ok(config.storage.protocol === 's3')
    return { encryption: config.storage.encryption, said: warnings.map(({ message }) => message).join() }
  }
  assert.deepEqual(parse('serverSideEncryption: aes256').encryption, { algorithm: 'AES256' })
  assert.deepEqual(parse('serverSideEncryption: aws:kms, kmsKeyId: k').encryption, {
    algorithm: 'aws:kms',
    keyId: 'k',
  })
  assert.equal(parse('serverSideEncryption: none').encryption, undefined)
  assert.match(parse('serverSideEncryption: AES256, kmsKeyId: k').said, /kmsKeyId has no effect/)
  assert.throws(() => parse('serverSideEncryption: AES512'), /allowed: none, AES256, aws:kms, aws:kms:dsse/)
})
