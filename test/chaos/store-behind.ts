import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3'
import type { Credentials } from '../../config/config.ts'
import { startFakeS3 } from '../fakes/fake-s3.ts'
import { NO_GATEWAY, type RealS3, startVersityGateway } from '../real-s3.ts'
import type { StoreKind } from './plan.ts'

/** The store that is behind the faults, as a client sees it that meets none of them. */
export class StoreBehind implements AsyncDisposable {
  readonly endpoint: string
  readonly region: string
  readonly credentials: Credentials
  readonly #client: S3Client
  readonly #close: () => Promise<void>

  constructor({ endpoint, region, credentials, close }: Omit<RealS3, 'bucket'>, clockOffsetMs: number) {
    this.endpoint = endpoint
    this.region = region
    this.credentials = credentials
    this.#close = close
    this.#client = new S3Client({
      ...{ region, endpoint, credentials, forcePathStyle: true },
      systemClockOffset: clockOffsetMs,
      responseChecksumValidation: 'WHEN_REQUIRED',
    })
  }

  /** As `StorageConfig` has it, by way of `endpoint`. */
  settings(endpoint: string, { accessKeyId, secretAccessKey }: Credentials, storeDir: string): object {
    return {
      protocol: 's3',
      s3AccesskeyID: accessKeyId,
      s3SecretAccessKey: secretAccessKey,
      s3Region: this.region,
      S3Bucket: BUCKET,
      S3Endpoint: endpoint,
      StoreDir: storeDir,
    }
  }

  async objects(folder: string): Promise<ReadonlyMap<string, Buffer>> {
    const found = new Map<string, Buffer>()
    const { Contents = [] } = await this.#client.send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix: `${folder}/` }),
    )
    for (const { Key = '' } of Contents) found.set(Key, await this.#get(Key))
    return found
  }

  async #get(key: string): Promise<Buffer> {
    const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }))
    return Buffer.from((await Body?.transformToByteArray()) ?? [])
  }

  /** Keys of uploads that were neither completed nor aborted. */
  async openUploads(folder: string): Promise<readonly string[]> {
    const { Uploads = [] } = await this.#client.send(
      new ListMultipartUploadsCommand({ Bucket: BUCKET, Prefix: `${folder}/` }),
    )
    return Uploads.map(({ Key = '' }) => Key)
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (const Key of keys) await this.#client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.destroy()
    await this.#close()
  }
}

export const BUCKET = 'cores'

/** A fake one for each trial, as its clock may be wrong; the real one is for all of them. */
export interface Stores extends AsyncDisposable {
  readonly open: (clockAheadSeconds: number) => Promise<StoreBehind>
}

export async function openStores(kind: StoreKind): Promise<Stores> {
  return kind === 'fake' ? { open: openFake, [Symbol.asyncDispose]: async () => undefined } : openReal()
}

async function openFake(clockAheadSeconds: number): Promise<StoreBehind> {
  const fake = await startFakeS3({ clockAheadSeconds })
  const close = () => fake[Symbol.asyncDispose]()
  const { endpoint, region, credentials } = fake
  return new StoreBehind({ endpoint, region, credentials, close }, clockAheadSeconds * 1000)
}

async function openReal(): Promise<Stores> {
  const gateway = await startVersityGateway()
  if (gateway === null) throw new Error(NO_GATEWAY)
  return {
    open: async () => new StoreBehind({ ...gateway, close: async () => undefined }, 0),
    [Symbol.asyncDispose]: gateway.close,
  }
}
