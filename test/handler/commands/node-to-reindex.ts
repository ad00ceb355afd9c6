import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { TestContext } from 'node:test'
import type { ObjectStore } from '../../../storage/object-store.ts'
import { storeIn } from '../../../storage/open-store.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import type { FakeS3 } from '../../fakes/fake-s3.ts'
import { s3StoreOf } from '../../storage/s3/s3-store-of.ts'

const MAIN = path.resolve(import.meta.dirname, '../../../handler/main.ts')

export interface Place {
  readonly folder: string
  readonly store: ObjectStore
  readonly storage: object
}

/** A node whose store is a mounted file system, or `StorageConfig` says another. */
export function nodeWith(t: TestContext, more: Partial<Place> = {}): Place {
  const folder = temporaryFolder(t)
  const mount = path.join(folder, 'mount')
  mkdirSync(path.join(mount, 'cores'), { recursive: true })
  mkdirSync(path.join(folder, 'run'), { mode: 0o700 })
  const storage = { protocol: 'cfs', CFSMountPath: mount, StoreDir: 'cores' }
  return { folder, store: storeIn(path.join(mount, 'cores')), storage, ...more }
}

/** A node whose store is the bucket `cores`. */
export function bucketOf(t: TestContext, s3: FakeS3): Place {
  const { accessKeyId, secretAccessKey } = s3.credentials
  const keys = { s3AccesskeyID: accessKeyId, s3SecretAccessKey: secretAccessKey }
  const named = { S3Bucket: 'cores', s3Region: s3.region, S3Endpoint: s3.endpoint }
  return nodeWith(t, { store: s3StoreOf(s3), storage: { protocol: 's3', ...named, ...keys } })
}

/** Crashes of before there was an index, whose reports have these fields. */
export async function addCrashes(store: ObjectStore, reports: readonly (object | string)[]): Promise<void> {
  for (const [number, report] of reports.entries()) {
    const id = String(number).padStart(12, '0')
    const folder = `shop/web-0/app/20261121T0421${String(number % 60).padStart(2, '0')}Z-web-7-${id}`
    const fields = { schema: 'coredog.io/report/v1', id }
    const body = Buffer.from(typeof report === 'string' ? report : JSON.stringify({ ...fields, ...report }))
    await store.put(`${folder}/report.json`, [body], body.length)
  }
}

/** What calls it there. */
export function commandOn(
  { folder, storage }: Place,
  args: readonly string[],
  settings: object = {},
): string[] {
  const paths = { log: `${folder}/handler.log`, state: folder, run: `${folder}/run` }
  writeFileSync(`${folder}/c.yaml`, JSON.stringify({ StorageConfig: storage, paths, ...settings }))
  return [process.execPath, MAIN, `--config=${folder}/c.yaml`, 'reindex', ...args]
}
