import { type IndexEntry, indexedFolder } from '../crash/index-entry.ts'
import { parseReport } from '../crash/parse-report.ts'
import type { CrashReport } from '../crash/report.ts'
import { parseReportHead, type ReportHead } from '../crash/report-head.ts'
import { NoSuchBytesError, NotFoundError } from '../storage/errors.ts'
import type { ObjectStore } from '../storage/object-store.ts'

/** Those of ours are some kilobytes; with the stacks of thousands of threads, some hundred. */
const MOST_BYTES = 1024 * 1024

type Store = Pick<ObjectStore, 'get'>

/**
 * The report of a crash. `null`: there is none, or it is not one that we would have written for it. What it says of
 * itself is the word of whoever may write to the bucket.
 */
export function readReport(
  store: Store,
  entry: IndexEntry,
  signal?: AbortSignal,
): Promise<CrashReport | null> {
  return readBy(parseReport, store, entry, signal)
}

/** The same without its stacks: of hundreds of reports they would take most of the time. */
export function readReportHead(
  store: Store,
  entry: IndexEntry,
  signal?: AbortSignal,
): Promise<ReportHead | null> {
  return readBy(parseReportHead, store, entry, signal)
}

async function readBy<Report extends { readonly id: string }>(
  parse: (json: string) => Report | null,
  store: Store,
  entry: IndexEntry,
  signal: AbortSignal | undefined,
): Promise<Report | null> {
  try {
    const report = parse(await textOf(store, `${indexedFolder(entry)}/report.json`, signal))
    return report?.id === entry.id ? report : null
  } catch (cause) {
    if (cause instanceof NotFoundError || cause instanceof NoSuchBytesError) return null
    throw cause
  }
}

/** Empty: it is longer than any of ours. */
async function textOf(store: Store, key: string, signal?: AbortSignal): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of await store.get(key, { signal, lastByte: MOST_BYTES })) {
    bytes += (chunk as Buffer).length
    if (bytes > MOST_BYTES) return ''
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString()
}
