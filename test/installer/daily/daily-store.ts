import { utimesSync } from 'node:fs'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { dailyKey } from '../../../crash/daily-key.ts'
import { type IndexEntry, timeIndexKey } from '../../../crash/index-entry.ts'
import { CrashGroup } from '../../../groups/crash-group.ts'
import type { NodeCount } from '../../../groups/node-count.ts'
import { compactDays } from '../../../installer/daily/compact-days.ts'
import { FileStore } from '../../../storage/file/file-store.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { ENTRY } from '../../fakes/index-entry.ts'
import { all } from '../../storage/bodies.ts'
import { openLogLines } from '../log-lines.ts'

export const NOW = new Date('2026-11-24T00:20:00Z')
interface Counted {
  readonly folder: string
  readonly node: string
  readonly count: NodeCount
  readonly storedAt: Date
}

const NEVER = new AbortController().signal

export function crash(time: string, more: Partial<IndexEntry> = {}): IndexEntry {
  return { ...ENTRY, time: new Date(time), ...more }
}

/** A mounted file system with names of the index. */
export function dailyStore(t: TestContext) {
  const mountPath = temporaryFolder(t)
  const store = new FileStore({ protocol: 'cfs', mountPath, storeDir: 'corefiles' })
  const { log, lines: logged } = openLogLines()
  const isStored = (key: string, at: Date) => utimesSync(path.join(mountPath, 'corefiles', key), at, at)
  const crashes = (day: string, cluster = 'prod') => dailyKey({ table: 'crashes', cluster, day })
  return {
    ...{ mountPath, store, logged, isStored, crashes },
    async name(entry: IndexEntry, storedAt: Date = entry.time): Promise<string> {
      await store.put(timeIndexKey(entry), [], 0)
      isStored(timeIndexKey(entry), storedAt)
      return timeIndexKey(entry)
    },
    async compact(more: Partial<Parameters<typeof compactDays>[1]> = {}): Promise<void> {
      await compactDays(store, { cluster: 'prod', maxAgeSeconds: 0, now: NOW, signal: NEVER, log, ...more })
      for (const key of await this.files()) isStored(key, more.now ?? NOW)
    },
    async files(): Promise<readonly string[]> {
      return (await all(store.list('_index/daily/'))).map(({ key }) => key)
    },
    /** What a node has counted of a group, with the report of its newest crash. */
    async count({ folder, node, count, storedAt }: Counted): Promise<void> {
      await new CrashGroup(store, folder).putCount(node, count)
      isStored(`${folder}/seen/${node}`, storedAt)
    },
    async put(key: string, text: string): Promise<void> {
      await store.put(key, [Buffer.from(text)], text.length)
    },
    async lines(day: string, cluster?: string): Promise<readonly Record<string, unknown>[]> {
      return await linesIn(crashes(day, cluster))
    },
    async groups(day: string): Promise<readonly Record<string, unknown>[]> {
      return await linesIn(dailyKey({ table: 'groups', cluster: 'prod', day }))
    },
  }

  async function linesIn(key: string): Promise<readonly Record<string, unknown>[]> {
    const text = gunzipSync(Buffer.concat(await all(await store.get(key)))).toString()
    const lines = text.split('\n').slice(0, -1)
    return lines.map(line => JSON.parse(line))
  }
}
