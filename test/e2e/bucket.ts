import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  GetObjectCommand,
  GetObjectTaggingCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3'
import type { CrashReport } from '../../crash/report.ts'
import type { RealS3 } from '../real-s3.ts'
import { eventually } from './eventually.ts'

/** A bucket, as a person with the AWS command line sees it. */
export class Bucket implements Disposable {
  readonly #s3: RealS3
  readonly #client: S3Client

  constructor(s3: RealS3) {
    const { endpoint, region, credentials } = s3
    this.#s3 = s3
    this.#client = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
  }

  /** The `StorageConfig` of coredog.yaml that stores here. */
  get storageConfig(): object {
    const { endpoint, region, bucket, credentials } = this.#s3
    return {
      protocol: 's3',
      s3AccesskeyID: credentials.accessKeyId,
      s3SecretAccessKey: credentials.secretAccessKey,
      s3Region: region,
      S3Bucket: bucket,
      S3Endpoint: endpoint,
      StoreDir: 'cores',
    }
  }

  /** Every object's size, by key. */
  async sizes(): Promise<Map<string, number>> {
    const sizes = new Map<string, number>()
    for await (const page of paginateListObjectsV2({ client: this.#client }, { Bucket: this.#s3.bucket })) {
      for (const { Key = '', Size = 0 } of page.Contents ?? []) sizes.set(Key, Size)
    }
    return sizes
  }

  /** Resolves with the report of the pod's crash, once it is there. */
  async reportOf(podUid: string): Promise<CrashReport> {
    return await this.report(`the crash of pod ${podUid}`, ({ pod }) => pod?.uid === podUid)
  }

  /** Resolves with the first report that `matches`, once it is there. */
  async report(what: string, matches: (report: CrashReport) => boolean): Promise<CrashReport> {
    return await eventually(`${what} in the bucket`, 120, async () => {
      const keys = [...(await this.sizes()).keys()].filter(key => key.endsWith('/report.json'))
      const reports = await Promise.all(keys.map(key => this.#report(key)))
      return reports.find(matches)
    })
  }

  /** The object's tags, as `key=value`. */
  async tags(key: string): Promise<readonly string[]> {
    const command = new GetObjectTaggingCommand({ Bucket: this.#s3.bucket, Key: key })
    const { TagSet = [] } = await this.#client.send(command)
    return TagSet.map(({ Key, Value }) => `${Key}=${Value}`)
  }

  async download(key: string, file: string): Promise<void> {
    await mkdir(path.dirname(file), { recursive: true })
    await pipeline(await this.#get(key), createWriteStream(file))
  }

  async #report(key: string): Promise<CrashReport> {
    const chunks = await (await this.#get(key)).toArray()
    return JSON.parse(Buffer.concat(chunks).toString()) as CrashReport
  }

  async #get(key: string): Promise<Readable> {
    const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.#s3.bucket, Key: key }))
    return Body as Readable // always, in Node
  }

  [Symbol.dispose](): void {
    this.#client.destroy()
  }
}
