import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { parseEndpoint } from '../../config/endpoint.ts'
import { anyCharacter } from '../any-character.ts'
import { inputs } from '../inputs.ts'

/** `?`: the scheme is guessed. */
const endpoints = {
  's3.amazonaws.com': 'https://s3.amazonaws.com',
  's3.eu-central-1.amazonaws.com': 'https://s3.eu-central-1.amazonaws.com',
  's3.cn-north-1.amazonaws.com.cn': 'https://s3.cn-north-1.amazonaws.com.cn',
  'cos.ap-nanjing.myqcloud.com': 'https://cos.ap-nanjing.myqcloud.com',
  'http://cos.ap-nanjing.myqcloud.com': 'http://cos.ap-nanjing.myqcloud.com',
  'oss-cn-hangzhou.aliyuncs.com': 'https://s3.oss-cn-hangzhou.aliyuncs.com',
  'https://oss-cn-hangzhou-internal.aliyuncs.com/': 'https://s3.oss-cn-hangzhou-internal.aliyuncs.com',
  's3.oss-cn-hangzhou.aliyuncs.com': 'https://s3.oss-cn-hangzhou.aliyuncs.com',
  'minio:9000': 'http://minio:9000 ?',
  minio: 'http://minio ?',
  localhost: 'http://localhost ?',
  '10.0.0.7': 'http://10.0.0.7 ?',
  '10.0.0.7:443': 'https://10.0.0.7',
  '[fd00::7]:9000': 'http://[fd00::7]:9000 ?',
  'minio.storage.svc': 'http://minio.storage.svc ?',
  'minio.storage.svc.cluster.local:9000': 'http://minio.storage.svc.cluster.local:9000 ?',
  'minio.example.com': 'https://minio.example.com ?',
  'minio.example.com:9000': 'http://minio.example.com:9000 ?',
  'minio.example.com:80': 'http://minio.example.com',
  'minio.example.com:443': 'https://minio.example.com',
  'notamazonaws.com': 'https://notamazonaws.com ?',
  'http://minio:9000': 'http://minio:9000',
  'HTTPS://MinIO:9000/': 'https://minio:9000',
  'http://minio:9000/bucket': null,
  'ftp://minio': null,
  'http://': null,
  'user:password@minio': null,
  'minio?x=1': null,
  'minio:99999': null,
  'mi nio': null,
  '//minio': null,
  '': null,
}

for (const [text, expected] of Object.entries(endpoints)) {
  it(`parseEndpoint() reads "${text}" as ${expected}`, () => {
    const endpoint = parseEndpoint(text)
    assert.equal(endpoint && `${endpoint.url}${endpoint.guessed ? ' ?' : ''}`, expected)
  })
}

it('parseEndpoint() makes of any text a URL of scheme, host and port, or nothing', () => {
  const near = fc.stringMatching(/^(https?:\/\/)?[a-z0-9.:@/?#[\]%\\-]{0,20}$/)
  const authority = fc.webAuthority({ withIPv4: true, withIPv6: true, withPort: true })
  const pathname = fc.string({ unit: anyCharacter }).map(encodeURI)
  const scheme = fc.constantFrom('http', 'https')
  const url = fc
    .tuple(scheme, authority, pathname)
    .map(([scheme, name, rest]) => `${scheme}://${name}/${rest}`)
  fc.assert(
    fc.property(fc.oneof(fc.string(), url, near), text => {
      const endpoint = parseEndpoint(text)
      if (endpoint === null) return
      assert.equal(new URL(endpoint.url).origin, endpoint.url)
      assert.equal(new URL(endpoint.url).hostname, endpoint.hostname)
    }),
    inputs(8000),
  )
})
