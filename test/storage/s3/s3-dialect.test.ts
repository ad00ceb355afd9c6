import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ObjectStorageConfig } from '../../../config/config.ts'
import { s3Dialect } from '../../../storage/s3/s3-dialect.ts'
import { S3Store } from '../../../storage/s3/s3-store.ts'

function config(overrides: Partial<ObjectStorageConfig>): ObjectStorageConfig {
  return {
    protocol: 's3',
    bucket: 'cores-125',
    region: 'eu-1',
    endpoint: null,
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    storeDir: 'dir',
    presignedUrlExpireSeconds: 60,
    ...overrides,
  }
}

interface Provider extends Partial<ObjectStorageConfig> {
  readonly name: string
  /** What a link to key `k` begins with: what the SDK makes of the dialect. */
  readonly url: string
  readonly checksums?: true
}

const providers: Provider[] = [
  { name: 'AWS', url: 'https://cores-125.s3.eu-1.amazonaws.com/dir/k?', checksums: true },
  {
    name: 'AWS, a bucket with dots',
    bucket: 'my.cores',
    url: 'https://s3.eu-1.amazonaws.com/my.cores/dir/k?',
    checksums: true,
  },
  {
    name: 'AWS by its endpoint',
    endpoint: 'https://s3.eu-1.amazonaws.com',
    url: 'https://cores-125.s3.eu-1.amazonaws.com/dir/k?',
    checksums: true,
  },
  {
    name: 'AWS in China',
    endpoint: 'https://s3.cn-north-1.amazonaws.com.cn',
    url: 'https://cores-125.s3.cn-north-1.amazonaws.com.cn/dir/k?',
    checksums: true,
  },
  { name: 'not AWS', endpoint: 'https://notamazonaws.com', url: 'https://cores-125.notamazonaws.com/dir/k?' },
  {
    name: 'COS',
    protocol: 'cos',
    endpoint: 'https://cos.ap-x.myqcloud.com',
    url: 'https://cores-125.cos.ap-x.myqcloud.com/dir/k?',
  },
  { name: 'COS by its region', protocol: 'cos', url: 'https://cores-125.cos.eu-1.myqcloud.com/dir/k?' },
  {
    name: 'COS behind a port',
    protocol: 'cos',
    endpoint: 'http://cos.local:8080',
    url: 'http://cores-125.cos.local:8080/dir/k?',
  },
  {
    name: 'OSS',
    protocol: 'oss',
    endpoint: 'https://s3.oss-cn-x-internal.aliyuncs.com',
    url: 'https://cores-125.s3.oss-cn-x-internal.aliyuncs.com/dir/k?',
  },
  {
    name: 'OSS by its region',
    protocol: 'oss',
    region: 'oss-cn-x',
    url: 'https://cores-125.s3.oss-cn-x.aliyuncs.com/dir/k?',
  },
  { name: 'an IPv4 address', endpoint: 'http://10.0.0.1', url: 'http://10.0.0.1/cores-125/dir/k?' },
  {
    name: 'an IPv6 address',
    endpoint: 'http://[fd00::1]:9000',
    url: 'http://[fd00::1]:9000/cores-125/dir/k?',
  },
  { name: 'localhost', endpoint: 'http://localhost', url: 'http://localhost/cores-125/dir/k?' },
  { name: 'a single label', endpoint: 'http://minio', url: 'http://minio/cores-125/dir/k?' },
  { name: 'a port', endpoint: 'https://s3.corp.net:9000', url: 'https://s3.corp.net:9000/cores-125/dir/k?' },
  { name: 'a cluster service', endpoint: 'http://minio.ns.svc', url: 'http://minio.ns.svc/cores-125/dir/k?' },
  { name: 'a host name', endpoint: 'https://s3.corp.net', url: 'https://cores-125.s3.corp.net/dir/k?' },
  {
    name: 'a host name, path wanted',
    endpoint: 'https://s3.corp.net',
    addressing: 'path',
    url: 'https://s3.corp.net/cores-125/dir/k?',
  },
  {
    name: 'a port, virtual wanted',
    endpoint: 'https://s3.corp.net:9000',
    addressing: 'virtual',
    url: 'https://cores-125.s3.corp.net:9000/dir/k?',
  },
]

describe('s3Dialect()', () => {
  for (const { name, url, checksums = false, ...overrides } of providers) {
    it(`speaks to ${name} as it wants`, async () => {
      const link = await new S3Store(config(overrides)).link('k')
      assert.equal(link.slice(0, url.length), url)
      assert.equal(s3Dialect(config(overrides)).checksums, checksums)
    })
  }

  it('asks Google in its own words where the answer may be a failure', () => {
    const google = s3Dialect(config({ endpoint: 'https://storage.googleapis.com' }))
    assert.deepEqual(google.ifNew, { 'x-goog-if-generation-match': '0' })
    assert.deepEqual(google.once, { 'if-none-match': '*' })
    const other = s3Dialect(config({ endpoint: 'https://storage.googleapis.com.corp.net' }))
    assert.deepEqual(other.ifNew, other.once)
    assert.deepEqual(s3Dialect(config({})).ifNew, { 'if-none-match': '*' })
  })

  it('asks each provider in its own words to overwrite nothing', () => {
    const headers = (['s3', 'cos', 'oss'] as const).map(protocol => s3Dialect(config({ protocol })).once)
    assert.deepEqual(headers, [
      { 'if-none-match': '*' },
      { 'x-cos-forbid-overwrite': 'true' },
      { 'x-oss-forbid-overwrite': 'true' },
    ])
  })
})
