import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseConfig } from '../../config/parse-config.ts'

const KEYS = 's3AccesskeyID: id, s3SecretAccessKey: key'

function warningsOf(endpoint: string, more = ''): readonly string[] {
  const text = `StorageConfig: {S3Bucket: crashes, S3Endpoint: "${endpoint}", ${KEYS}}\n${more}`
  return parseConfig(text).warnings.map(({ message }) => message)
}

for (const endpoint of ['http://minio.example:9000', 'http://10.0.0.7:9000', 'http://[fd00::7]:9000']) {
  it(`parseConfig() warns of ${endpoint}, which anybody on the way reads`, () => {
    assert.match(
      warningsOf(endpoint).join(),
      /StorageConfig\.S3Endpoint begins with http:\/\/: .*use https:\/\/$/,
    )
  })
}

for (const endpoint of [
  'https://minio.example:9000',
  'http://minio.storage.svc:9000',
  'http://minio:9000',
  'http://minio.storage.svc.cluster.local:9000',
  'http://127.0.0.1:9000',
  'http://localhost:9000',
  'http://[::1]:9000',
]) {
  it(`parseConfig() says nothing of ${endpoint}`, () => {
    assert.deepEqual(warningsOf(endpoint), [])
  })
}

it('parseConfig() warns of a chat, and of a token for CoreSight, without TLS; and shows neither', () => {
  const chat = 'NoticeChannel: [{chan: slack, webhookurl: "http://chat.example/hidden"}]\n'
  const coreSight = 'CoreSight: {enabled: true, apiUrl: "http://coresight.example/x", token: hidden}\n'
  const said = warningsOf('https://s3.example', chat + coreSight)
  assert.equal(said.length, 2)
  assert.match(said[0] ?? '', /NoticeChannel\[0\]\.webhookurl begins with http:\/\//)
  assert.match(said[1] ?? '', /CoreSight\.apiUrl begins with http:\/\//)
  assert.doesNotMatch(said.join(), /hidden/)
})

it('parseConfig() says nothing of CoreSight without TLS and without a token', () => {
  assert.deepEqual(
    warningsOf('https://s3.example', 'CoreSight: {enabled: true, apiUrl: "http://c.example/x"}\n'),
    [],
  )
})
