import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ObjectStorageConfig } from '../../config/config.ts'
import { type ParsedConfig, parseConfig } from '../../config/parse-config.ts'
import { OperatorError } from '../../crash/errors.ts'

const KEYS = 's3AccesskeyID: id, s3SecretAccessKey: key'

function parse(storage: string): ParsedConfig {
  return parseConfig(`StorageConfig: {${storage}}`)
}

function object(storage: string): ObjectStorageConfig {
  const { config } = parse(storage)
  assert.ok(config.storage.protocol !== 'cfs')
  return config.storage
}

function warningsOf(storage: string): string[] {
  return parse(storage).warnings.map(({ message }) => message.replace('coredog.yaml:1: StorageConfig.', ''))
}

const refused: Record<string, readonly [message: string, hint: RegExp]> = {
  '': [
    'S3Bucket is not set, and neither is another place for cores',
    /S3Bucket for object storage, or .*protocol to cfs and CFSMountPath/,
  ],
  'CFSMountPath: /mnt/cfs': [
    'S3Bucket is not set, and neither is another place for cores',
    /Set StorageConfig\.protocol to cfs to/,
  ],
  'protocol: cfs': ['CFSMountPath is not set', /\/mnt\/cfs/],
  'protocol: cfs, CFSMountPath: mnt/cfs': [
    'CFSMountPath is "mnt/cfs"; allowed: a path that begins with /',
    /Correct line 1/,
  ],
  'protocol: minio, S3Bucket: b': ['protocol is "minio"; allowed: s3, cos, oss, cfs', /its default is s3/],
  'S3Bucket: crashes': [
    's3Region is not set, and AWS needs it',
    /eu-central-1, or S3Endpoint if the store is not AWS/,
  ],
  'S3Bucket: crashes, S3Endpoint: s3.amazonaws.com': [
    's3Region is not set, and AWS needs it',
    /eu-central-1/,
  ],
  'S3Bucket: crashes-1250000000, protocol: cos': [
    's3Region is not set, and neither is S3Endpoint',
    /ap-nanjing/,
  ],
  'S3Bucket: crashes, s3Region: eu/central': [
    's3Region is "eu/central"; allowed: a region such as eu-central-1',
    /the id of the region/,
  ],
  'S3Bucket: "s3://crashes", s3Region: r': [
    'S3Bucket is "s3://crashes"; allowed: the name of a bucket',
    /the name only/,
  ],
  'S3Bucket: crashes/dumps, s3Region: r': [
    'S3Bucket is "crashes/dumps"; allowed: the name of a bucket',
    /StoreDir/,
  ],
  'S3Bucket: crashes, S3Endpoint: "http://minio:9000/x"': [
    'S3Endpoint is "http://minio:9000/x"; allowed: a host, host:port, or an http:// or https:// URL without a path',
    /https:\/\/HOST or http:\/\/HOST:PORT/,
  ],
  'S3Bucket: crashes, S3Endpoint: "http://user:password@minio"': [
    'S3Endpoint is a value that is not shown; allowed: a host, host:port, or an http:// or https:// URL without a path',
    /https:\/\/HOST/,
  ],
  'S3Bucket: crashes, s3Region: r, s3AccesskeyID: id': [
    's3SecretAccessKey is not set, but other credentials are',
    /Set both/,
  ],
  'S3Bucket: crashes, s3Region: r, s3SecretAccessKey: key': [
    's3AccesskeyID is not set, but other credentials are',
    /Set both/,
  ],
  'S3Bucket: crashes, s3Region: r, sessionToken: token': [
    's3AccesskeyID is not set, but other credentials are',
    /Set both/,
  ],
  'S3Bucket: crashes, s3Region: r, StoreDir: a/../b': [
    'StoreDir is "a/../b"; allowed: folder names with / between them',
    /without "\." and "\.\."/,
  ],
  'S3Bucket: crashes, s3Region: r, PresignedURLExpireSeconds: 1h': [
    'PresignedURLExpireSeconds is "1h"; allowed: whole seconds from 1 to 604800',
    /its default is 3600/,
  ],
  'S3Bucket: crashes, s3Region: r, addressing: host': [
    'addressing is "host"; allowed: auto, virtual, path',
    /its default is auto/,
  ],
}

for (const [storage, [message, hint]] of Object.entries(refused)) {
  it(`parseConfig() refuses StorageConfig {${storage}}`, () => {
    assert.throws(
      () => parse(storage),
      error => {
        assert.ok(error instanceof OperatorError)
        assert.equal(error.message, `Cannot use "coredog.yaml": line 1: StorageConfig.${message}`)
        assert.match(error.hint, hint)
        return true
      },
    )
  })
}

it('parseConfig() names no line where there is no StorageConfig', () => {
  assert.throws(() => parseConfig(''), {
    message:
      'Cannot use "coredog.yaml": StorageConfig.S3Bucket is not set, and neither is another place for cores',
  })
})

it('parseConfig() reminds of the key in the wrong case that left one unset', () => {
  assert.throws(
    () => parse('s3bucket: crashes'),
    /but there is "StorageConfig\.s3bucket", which is not the same key$/,
  )
})

it('parseConfig() reads the protocol in any case, with spaces around it', () => {
  assert.equal(object(`protocol: " OSS ", S3Bucket: b, s3Region: cn-hangzhou, ${KEYS}`).protocol, 'oss')
  assert.equal(object(`protocol: "", S3Bucket: b, s3Region: r, ${KEYS}`).protocol, 's3')
})

describe('endpoint and region', () => {
  const places: Record<string, readonly [endpoint: string | null, region: string]> = {
    's3Region: eu-central-1': [null, 'eu-central-1'],
    's3Region: eu-central-1, S3Endpoint: s3.amazonaws.com': [null, 'eu-central-1'],
    'S3Endpoint: s3.eu-central-1.amazonaws.com': ['https://s3.eu-central-1.amazonaws.com', 'eu-central-1'],
    'S3Endpoint: s3.dualstack.us-gov-west-1.amazonaws.com': [
      'https://s3.dualstack.us-gov-west-1.amazonaws.com',
      'us-gov-west-1',
    ],
    'S3Endpoint: s3.cn-north-1.amazonaws.com.cn': ['https://s3.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
    'protocol: cos, s3Region: ap-nanjing': ['https://cos.ap-nanjing.myqcloud.com', 'ap-nanjing'],
    'protocol: cos, S3Endpoint: cos.ap-nanjing.myqcloud.com': [
      'https://cos.ap-nanjing.myqcloud.com',
      'ap-nanjing',
    ],
    'protocol: cos, S3Endpoint: cos.accelerate.myqcloud.com': [
      'https://cos.accelerate.myqcloud.com',
      'us-east-1',
    ],
    'protocol: cos, S3Endpoint: b-1250000000.cos.ap-nanjing.myqcloud.com': [
      'https://cos.ap-nanjing.myqcloud.com',
      'ap-nanjing',
    ],
    'protocol: oss, s3Region: cn-hangzhou': ['https://s3.oss-cn-hangzhou.aliyuncs.com', 'cn-hangzhou'],
    'protocol: oss, s3Region: oss-cn-hangzhou': [
      'https://s3.oss-cn-hangzhou.aliyuncs.com',
      'oss-cn-hangzhou',
    ],
    'protocol: oss, S3Endpoint: oss-cn-hangzhou-internal.aliyuncs.com': [
      'https://s3.oss-cn-hangzhou-internal.aliyuncs.com',
      'cn-hangzhou',
    ],
    'protocol: oss, S3Endpoint: b-1250000000.oss-cn-hangzhou.aliyuncs.com': [
      'https://s3.oss-cn-hangzhou.aliyuncs.com',
      'cn-hangzhou',
    ],
    'S3Endpoint: "http://minio:9000"': ['http://minio:9000', 'us-east-1'],
    'S3Endpoint: "http://minio:9000", s3Region: garage': ['http://minio:9000', 'garage'],
  }

  for (const [storage, [endpoint, region]] of Object.entries(places)) {
    it(`parseConfig() takes {${storage}} for ${endpoint}, ${region}`, () => {
      const found = object(`S3Bucket: b-1250000000, ${KEYS}, ${storage}`)
      assert.deepEqual([found.endpoint, found.region], [endpoint, region])
    })
  }
})

describe('warnings', () => {
  const warned: Record<string, readonly string[]> = {
    's3Region: eu-central-1': [],
    's3Region: eu-central-1, enabled: false': [
      'enabled is false, which has no effect: crashes are stored all the same, as ever',
    ],
    'S3Endpoint: "http://minio:9000"': [],
    'S3Endpoint: "minio:9000"': [
      'S3Endpoint names no scheme, so it is taken for http://minio:9000; write that, or https://minio:9000',
    ],
    'S3Endpoint: minio.example.com': [
      'S3Endpoint names no scheme, so it is taken for https://minio.example.com; write that, or http://minio.example.com',
    ],
    'S3Endpoint: crashes.s3.eu-central-1.amazonaws.com': [
      'S3Endpoint begins with the bucket, which is left out: S3Bucket has it',
    ],
    's3Region: eu-west-1, S3Endpoint: s3.eu-central-1.amazonaws.com': [
      's3Region is "eu-west-1", but S3Endpoint is in "eu-central-1"',
    ],
    's3Region: ap-nanjing, protocol: cos': [
      'S3Bucket has no APPID at its end: buckets of COS are called name-1250000000',
    ],
    's3Region: r, PresignedURLExpireSeconds: 604801': [
      'PresignedURLExpireSeconds is more than the week that S3 allows: 604800 is used',
    ],
    's3Region: r, PresignedURLExpireSeconds: 0': ['PresignedURLExpireSeconds is less than 1: 3600 is used'],
  }

  for (const [storage, warnings] of Object.entries(warned)) {
    it(`parseConfig() warns of {${storage}} ${warnings.length} times`, () => {
      assert.deepEqual(warningsOf(`S3Bucket: crashes, ${KEYS}, ${storage}`), warnings)
    })
  }

  it('parseConfig() warns of missing credentials where nobody gives them by themselves', () => {
    const warning = 's3AccesskeyID is not set: only AWS gives a node credentials by itself'
    assert.deepEqual(warningsOf('S3Bucket: b, S3Endpoint: "http://minio:9000"'), [warning])
    assert.deepEqual(warningsOf('S3Bucket: b-1250000000, protocol: cos, s3Region: ap-nanjing'), [warning])
    assert.deepEqual(warningsOf('S3Bucket: b, s3Region: eu-central-1'), [])
  })
})

it('parseConfig() keeps links between a second and a week', () => {
  const seconds = (written: string) =>
    object(`S3Bucket: b, s3Region: r, PresignedURLExpireSeconds: ${written}`).presignedUrlExpireSeconds
  assert.deepEqual(
    ['1', '604800', '604801', '9'.repeat(400), '0', '-1', '""'].map(seconds),
    [1, 604_800, 604_800, 604_800, 3600, 3600, 3600],
  )
})

it('parseConfig() takes the slashes from the ends of StoreDir', () => {
  const dir = (written: string) => object(`S3Bucket: b, s3Region: r, StoreDir: ${written}`).storeDir
  assert.deepEqual(['/a//b/', 'a', '/', '""', '7'].map(dir), ['a/b', 'a', '', 'corefiles', '7'])
})

it('parseConfig() takes a number for the name of a bucket', () => {
  assert.equal(object('S3Bucket: 0123, s3Region: r').bucket, '0123')
})

it('parseConfig() passes a session token on', () => {
  assert.deepEqual(object(`S3Bucket: b, s3Region: r, ${KEYS}, sessionToken: token`).credentials, {
    accessKeyId: 'id',
    secretAccessKey: 'key',
    sessionToken: 'token',
  })
})

it('parseConfig() puts crashes below the name of the cluster, if it is told to', () => {
  const storage = '{protocol: cfs, CFSMountPath: /mnt, keyPrefix: cluster'
  const dirOf = (yaml: string) => parseConfig(yaml).config.storage.storeDir
  assert.equal(dirOf(`cluster: eu-1\nStorageConfig: ${storage}}`), 'corefiles/eu-1')
  assert.equal(dirOf(`cluster: eu-1\nStorageConfig: ${storage}, StoreDir: /}`), 'eu-1')
  assert.equal(dirOf(`cluster: eu-1\nStorageConfig: {protocol: cfs, CFSMountPath: /mnt}`), 'corefiles')
  assert.throws(() => dirOf(`StorageConfig: ${storage}}`), {
    message: /StorageConfig\.keyPrefix is cluster, and the cluster has no name/,
    hint: /Set cluster to a short name/,
  })
})

for (const name of ['eu/1', '..', '-eu', 'é', 'x'.repeat(64)])
  it(`parseConfig() takes no cluster called ${JSON.stringify(name)}`, () => {
    const yaml = `cluster: ${JSON.stringify(name)}\nStorageConfig: {protocol: cfs, CFSMountPath: /mnt}`
    assert.throws(() => parseConfig(yaml), { message: /cluster is .*; allowed: at most 63 letters/ })
  })
