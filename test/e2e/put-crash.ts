import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { coredumpName } from '../../coredump/coredump-name.ts'
import { binaryKey } from '../../crash/binary-key.ts'
import { type IndexEntry, indexedFolder } from '../../crash/index-entry.ts'
import { newCrashId } from '../../crash/object-key.ts'
import { type CrashReport, REPORT_SCHEMA } from '../../crash/report.ts'
import { CrashIndex } from '../../crash-index/crash-index.ts'
import type { ObjectStore } from '../../storage/object-store.ts'

/** What of a crash a test wants to be so. */
export interface CrashToPut {
  readonly namespace?: string
  readonly pod?: string
  readonly podUid?: string
  readonly container?: string
  /** To the second; by default now. */
  readonly time?: Date
  /** As the process had it; it is stored compressed. */
  readonly core?: Buffer
  /** The program that crashed. */
  readonly program?: Buffer
  readonly report?: Partial<CrashReport>
}

export interface PutCrash {
  readonly entry: IndexEntry
  /** As `kubectl get cores` has it. */
  readonly name: string
  /** As it was put. */
  readonly core: Buffer
  readonly stored: Buffer
  readonly program: Buffer
  readonly programKey: string
}

/** Stores a crash as a handler does, with its names in the index. */
export async function putCrash(
  store: ObjectStore,
  cluster: string,
  crash: CrashToPut = {},
): Promise<PutCrash> {
  const { core = Buffer.from('core of a process\n'), program = Buffer.from('\x7fELF, more or less') } = crash
  const stored = gzipSync(core)
  const entry = entryOf(crash, cluster, stored.length)
  const folder = indexedFolder(entry)
  const programKey = binaryKey({ cluster, namespace: entry.namespace }, BUILD_ID, digestOf(program))
  const report = { ...reportOf(entry, { core, stored, program, programKey }), ...crash.report }
  await put(store, `${folder}/core.gz`, stored)
  await put(store, `${folder}/log.txt`, Buffer.from('the last line\n'))
  await put(store, programKey, program)
  await put(store, `${folder}/report.json`, Buffer.from(JSON.stringify(report)))
  await new CrashIndex(store).add(entry)
  return { entry, name: coredumpName(entry), core, stored, program, programKey }
}

const BUILD_ID = '0123456789abcdef0123456789abcdef01234567'

function entryOf(crash: CrashToPut, cluster: string, storedBytes: number): IndexEntry {
  const { namespace = 'shop', pod = 'checkout-7c9f5d8b6-x2x9k', container = 'app', time = new Date() } = crash
  const { podUid = '1f0e3dad-9990-4f9e-8e6a-7b8c9d0e1f2a' } = crash
  return {
    ...{ cluster, namespace, pod, container, podUid, storedBytes },
    time: new Date(Math.floor(time.getTime() / 1000) * 1000),
    id: newCrashId(),
    comm: 'server',
    pid: 4242,
    signal: 11,
    group: `v2:${'a'.repeat(32)}`,
  }
}

interface Bytes {
  readonly core: Buffer
  readonly stored: Buffer
  readonly program: Buffer
  readonly programKey: string
}

function reportOf(entry: IndexEntry, { core, stored, program, programKey }: Bytes): object {
  const { id, time, cluster, namespace, pod, podUid, container, signal, pid, comm } = entry
  return {
    schema: REPORT_SCHEMA,
    id,
    time: time.toISOString(),
    cluster,
    pod: { namespace, name: pod, uid: podUid },
    container: { name: container, image: 'registry.example/checkout:1.4.2' },
    process: { pid, comm, executable: '/app/server' },
    signal: { number: signal, name: 'SIGSEGV' },
    crash: { reason: 'Read of a null pointer (address 0x0)', reasonCode: 'NullPointer', group: entry.group },
    core: {
      key: `${indexedFolder(entry)}/core.gz`,
      ...{ sizeBytes: core.length, storedBytes: stored.length, compression: 'gzip', complete: true },
      sha256: digestOf(stored),
    },
    binaries: [
      {
        path: '/app/server',
        buildId: BUILD_ID,
        key: programKey,
        sha256: digestOf(program),
        sizeBytes: program.length,
      },
    ],
  }
}

function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

async function put(store: ObjectStore, key: string, bytes: Buffer): Promise<void> {
  await store.put(key, [bytes], bytes.length)
}
