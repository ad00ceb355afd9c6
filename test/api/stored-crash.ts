import { coredumpName } from '../../coredump/coredump-name.ts'
import { type IndexEntry, indexedFolder } from '../../crash/index-entry.ts'
import { type CrashReport, encodeReport, REPORT_SCHEMA } from '../../crash/report.ts'
import { CLUSTER, type Served } from './served.ts'

export const CORE = Buffer.from(Array.from({ length: 200_000 }, (_, at) => at % 251))

export const ENTRY: IndexEntry = {
  cluster: CLUSTER,
  namespace: 'shop',
  time: new Date('2026-11-28T04:21:17Z'),
  id: '3f2a9c01d4e5',
  podUid: '0f6e5d1c-8a11-4a52-9d0f-1f0f2c3b4a5d',
  pod: 'web-0',
  container: 'app',
  comm: 'checkout',
  pid: 4242,
  signal: 11,
  storedBytes: CORE.length,
  group: null,
}

interface Crash {
  readonly entry?: Partial<IndexEntry>
  readonly report?: Partial<CrashReport>
  /** `null`: none was kept. */
  readonly core?: Buffer | null
  readonly file?: string
}

/** Stores a crash with all that the handler stores of it; its path in the API. */
export async function storeCrash({ store, index }: Served, crash: Crash = {}): Promise<string> {
  const { core = CORE, file = 'core.gz', report = {} } = crash
  const entry = { ...ENTRY, ...crash.entry, storedBytes: core?.length ?? 0 }
  const folder = indexedFolder(entry)
  if (core !== null) store.set(`${folder}/${file}`, core)
  const about = core === null ? {} : { core: { key: `dir/${folder}/${file}`, complete: true } }
  const all = { schema: REPORT_SCHEMA, id: entry.id, ...about, ...report } as const
  store.set(`${folder}/report.json`, Buffer.from(encodeReport(all)))
  await index.add(entry)
  return crashPath(entry)
}

export function crashPath(entry: Pick<IndexEntry, 'namespace' | 'time' | 'id'>): string {
  return `/apis/coredog.io/v1alpha1/namespaces/${entry.namespace}/coredumps/${coredumpName(entry)}`
}
