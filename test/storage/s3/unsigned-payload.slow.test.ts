import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { it } from 'node:test'
import { connect, PATIENCE } from '../../../storage/s3/s3-connection.ts'
import { StoreClock } from '../../../storage/s3/store-clock.ts'

const BODY = Buffer.from('a part of a core')

/** What is about to be sent to `endpoint`; nothing is sent. */
async function headersTo(endpoint: string, aws = false): Promise<Record<string, string>> {
  const dialect = { endpoint, region: 'us-east-1', pathStyle: true, checksums: aws, once: {}, ifNew: {} }
  const credentials = { accessKeyId: 'id', secretAccessKey: 'key' }
  const { sdk, client } = await connect(
    dialect,
    { credentials, clock: new StoreClock(), onOver: () => undefined },
    PATIENCE,
  )
  let headers: Record<string, string> = {}
  const seen = new Error('seen')
  client.middlewareStack.add(
    () =>
      async ({ request }) => {
        headers = (request as { headers: Record<string, string> }).headers
        throw seen
      },
    { step: 'finalizeRequest', priority: 'low' },
  )
  const command = new sdk.UploadPartCommand({
    Bucket: 'b',
    Key: 'k',
    UploadId: 'u',
    PartNumber: 1,
    Body: BODY,
    ...(aws && { ChecksumAlgorithm: 'CRC32' }),
  })
  await assert.rejects(client.send(command), seen)
  return headers
}

it('a part is not hashed for its signature where TLS protects it, and the signature says so', async () => {
  const headers = await headersTo('https://store.example')
  assert.equal(headers['x-amz-content-sha256'], 'UNSIGNED-PAYLOAD')
  assert.match(headers.authorization ?? '', /SignedHeaders=[^,]*x-amz-content-sha256/)
})

it('a part for AWS has its checksum all the same', async () => {
  const headers = await headersTo('https://s3.us-east-1.amazonaws.com', true)
  assert.equal(headers['x-amz-content-sha256'], 'UNSIGNED-PAYLOAD')
  assert.match(headers.authorization ?? '', /SignedHeaders=[^,]*x-amz-checksum-crc32/)
})

it('a part is hashed for its signature where nothing else protects it', async () => {
  const headers = await headersTo('http://store.example')
  assert.equal(headers['x-amz-content-sha256'], createHash('sha256').update(BODY).digest('hex'))
})
