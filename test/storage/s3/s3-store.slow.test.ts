import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3'
import { NO_GATEWAY, startVersityGateway } from '../../real-s3.ts'
import { conformsToObjectStore } from '../conformance.ts'
import { s3StoreOf } from './s3-store-of.ts'

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
