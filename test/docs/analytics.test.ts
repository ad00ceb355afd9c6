import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { homedir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { groupFolder } from '../../crash/group-key.ts'
import { indexedFolder } from '../../crash/index-entry.ts'
import { addNames } from '../../crash-index/add-names.ts'
import { CrashGroup } from '../../groups/crash-group.ts'
import { compactDays } from '../../installer/daily/compact-days.ts'
import { FileStore } from '../../storage/file/file-store.ts'
import { temporaryFolder } from '../fakes/core-file.ts'
import { ENTRY } from '../fakes/index-entry.ts'
import { openLogLines } from '../installer/log-lines.ts'
import { blocksIn, documentOf } from './documents.ts'

const NOW = new Date('2026-11-24T00:20:00Z')
const PYTHON = {
  encoding: 'utf8',
  env: { ...process.env, PYTHONPATH: path.join(homedir(), '.duckdb-python') },
} as const
const skip =
  spawnSync('python3', ['-c', 'import duckdb'], PYTHON).status !== 0 &&
  'there is no python3, or no duckdb for it: .ci/install'

it('docs/analytics.md: DuckDB finds the new bugs of all clusters', { skip }, async t => {
  const folder = temporaryFolder(t)
  await counted(folder, 'eu-1', 'old', { crashes: 900, first: new Date('2026-11-01T00:00:00Z') })
  for (const [cluster, crashes] of [
    ['eu-1', 36],
    ['us-1', 6],
  ] as const)
    await counted(folder, cluster, 'new', { crashes, first: new Date(`2026-11-23T0${crashes % 10}:00:00Z`) })
  await counted(folder, 'us-1', 'rare', { crashes: 1, first: new Date('2026-11-23T05:00:00Z') })
  for (const cluster of ['eu-1', 'us-1']) await compacted(folder, cluster)
  const found = duck(documented('duckdb', folder))
  assert.deepEqual(
    found.map(({ bug, function: name, crashes, clusters }) => [bug, name, crashes, clusters]),
    [
      ['v2:00e3', 'new', 42, 2],
      ['v2:00e4', 'rare', 1, 1],
    ],
  )
  assert.equal(found[0]?.since, '2026-11-23 06:00:00')
})

it('docs/analytics.md: the columns that it names are those of the files', { skip }, async t => {
  const folder = temporaryFolder(t)
  await counted(folder, 'eu-1', 'new', { crashes: 3, first: new Date('2026-11-23T05:00:00Z') })
  await compacted(folder, 'eu-1')
  for (const table of ['crashes', 'groups']) {
    const file = `${folder}/corefiles/eu-1/_index/daily/${table}/*/*/${table}.ndjson.gz`
    const columns = duck(`SELECT column_name AS name FROM (DESCRIBE FROM read_json('${file}'))`)
    const named = columnsOf(table)
    const names = columns.map(({ name }) => String(name)).filter(name => !['cluster', 'date'].includes(name))
    assert.deepEqual(names.toSorted(), named.toSorted())
  }
})

const BUGS: Readonly<Record<string, string>> = { old: 'v2:00e2', new: 'v2:00e3', rare: 'v2:00e4' }

/** A group with one crash that has a report. */
async function counted(
  folder: string,
  cluster: string,
  name: string,
  count: { readonly crashes: number; readonly first: Date },
): Promise<void> {
  const store = storeOf(folder, cluster)
  const entry = { ...ENTRY, cluster, time: new Date('2026-11-23T09:00:00Z'), id: idOf(name) }
  await addNames(store, entry)
  const frames = [{ function: name, own: true }]
  const crash = { group: BUGS[name], reasonCode: 'null-pointer', frames }
  const report = Buffer.from(JSON.stringify({ schema: 'coredog.io/report/v1', id: entry.id, crash }))
  await store.put(`${indexedFolder(entry)}/report.json`, [report], report.length)
  const group = groupFolder({ cluster, namespace: entry.namespace, workload: 'web', fingerprint: [name] })
  const rest = { last: entry.time, pods: 1, images: [], folder: indexedFolder(entry) }
  await new CrashGroup(store, group).putCount('node-1', { ...count, ...rest })
}

function idOf(name: string): string {
  return Buffer.from(name).toString('hex').padStart(12, '0')
}

async function compacted(folder: string, cluster: string): Promise<void> {
  const { signal } = new AbortController()
  const rest = { maxAgeSeconds: 0, now: NOW, signal, log: openLogLines().log }
  await compactDays(storeOf(folder, cluster), { cluster, ...rest })
}

function storeOf(folder: string, cluster: string): FileStore {
  return new FileStore({ protocol: 'cfs', mountPath: folder, storeDir: `corefiles/${cluster}` })
}

/** As it stands there, for these files and for the day after them. */
function documented(mark: string, folder: string): string {
  const block = blocksIn('sql').find(block => block.mark === mark) ?? assert.fail(`no block for ${mark}`)
  return block.text
    .replaceAll('s3://crashes', folder)
    .replaceAll('current_date', `DATE '${NOW.toISOString().slice(0, 10)}'`)
}

function columnsOf(table: string): readonly string[] {
  const lines = documentOf('docs/analytics.md').text.split('\n')
  const row = lines.find(line => line.startsWith(`| ${table} |`)) ?? assert.fail(`no row for ${table}`)
  return [...row.matchAll(/`(\w+)`/g)].map(([, name = '']) => name)
}

/** What the last one of the statements finds. */
function duck(sql: string): readonly Readonly<Record<string, unknown>>[] {
  const { stdout, stderr, status } = spawnSync('python3', ['-c', SCRIPT], { ...PYTHON, input: sql })
  assert.equal(status, 0, stderr)
  return JSON.parse(stdout)
}

const SCRIPT = `
import duckdb, json, sys
rows = duckdb.connect().execute(sys.stdin.read())
names = [column[0] for column in rows.description]
found = [dict(zip(names, row)) for row in rows.fetchall()]
print(json.dumps(found, default=lambda value: str(value)))
`
