import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3'
import { startFakeS3 } from '../../fakes/fake-s3.ts'
import { NO_GATEWAY, startVersityGateway } from '../../real-s3.ts'
import { conformsToObjectStore } from '../conformance.ts'
import { s3StoreOf } from './s3-store-of.ts'

conformsToObjectStore('S3Store over a fake S3 with the rules of R2', async () => {
  const s3 = await startFakeS3({ rules: { uniformParts: true }, pageSize: 3 })
  return {
    store: s3StoreOf(s3),
    leftovers: async () => [...s3.bucket().uploads.keys()],
    close: () => s3[Symbol.asyncDispose](),
  }
})

const gateway = await startVersityGateway()

conformsToObjectStore(
  'S3Store over versitygw',
  async () => {
    // Skipped without one.
    const { endpoint, region, credentials, bucket, close } = gateway!
    const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
    return {
      store: s3StoreOf({ endpoint, region, credentials }, { bucket }),
      leftovers: async () => {
        const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
        return Uploads.map(({ Key = '' }) => Key)
      },
      close,
    }
  },
  gateway === null && NO_GATEWAY,
)
