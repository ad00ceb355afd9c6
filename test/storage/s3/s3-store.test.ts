import { startFakeS3 } from '../../fakes/fake-s3.ts'
import { conformsToObjectStore } from '../conformance.ts'
import { s3StoreOf } from './s3-store-of.ts'

conformsToObjectStore('S3Store over a fake S3 with the rules of R2', async () => {
  const s3 = await startFakeS3({ rules: { uniformParts: true }, pageSize: 3 })
  return {
    age: async key => {
      s3.bucket().get(`corefiles/${key}`).storedAt = new Date(Date.now() - 3_600_000)
    },
    store: s3StoreOf(s3),
    leftovers: async () => [...s3.bucket().uploads.keys()],
    close: () => s3[Symbol.asyncDispose](),
  }
})
