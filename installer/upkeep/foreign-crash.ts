import type { Readable } from 'node:stream'
import type { StoredCrash } from '../../crash-index/stored-crash.ts'
import { NotFoundError } from '../../storage/errors.ts'
import type { ObjectStore } from '../../storage/object-store.ts'

/** Whether another cluster, which shares the bucket, has stored a crash. */
export type OfOthers = (crash: Pick<StoredCrash, 'folder' | 'names'>) => Promise<boolean>

// A report of ours is a few kilobytes.
const LONGEST_REPORT_BYTES = 1024 * 1024

/**
 * By what its report says, which is read: a key does not tell. A crash whose report names no cluster, or that
 * has none, counts as ours, as before there were names. Rejects if the store does not give the report:
 * nothing is then removed.
 */
export function foreignTo(names: readonly string[], store: Pick<ObjectStore, 'get'>): OfOthers {
  return async ({ folder, names: objects }) => {
    if (!objects.includes('report.json')) return false
    const cluster = await clusterIn(store, `${folder}/report.json`)
    return cluster !== null && !names.includes(cluster)
  }
}

async function clusterIn(store: Pick<ObjectStore, 'get'>, key: string): Promise<string | null> {
  try {
    const report = JSON.parse(await textOf(await store.get(key))) as { node?: { cluster?: unknown } } | null
    const cluster = report?.node?.cluster
    return typeof cluster === 'string' ? cluster : null
  } catch (error) {
    // Removed since it was listed, or no report of ours, which says nothing.
    if (error instanceof NotFoundError || error instanceof SyntaxError) return null
    throw error
  }
}

async function textOf(body: Readable): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += (chunk as Buffer).length
    if (bytes > LONGEST_REPORT_BYTES) break
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString()
}
