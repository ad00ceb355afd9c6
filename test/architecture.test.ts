import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { TOP_ROOMS } from './rooms.ts'

const ROOT = path.resolve(import.meta.dirname, '..')

/** The rooms of the product, and who may import whom besides itself and its own parts. */
const ROOMS: Readonly<Record<string, string>> = {
  untrusted: '',
  time: '',
  crash: 'untrusted',
  'crash/image': 'crash',
  'crash/symbols': 'untrusted crash crash/image crash/unwind',
  'crash/symbol-file': 'crash crash/image crash/symbols crash/unwind',
  'crash/python': 'untrusted crash crash/image crash/symbols',
  'crash/why': 'untrusted crash crash/image',
  'crash/unwind': 'crash crash/image',
  coredump: 'crash',
  'node-view': 'crash',
  durable: 'crash',
  kube: 'time',
  config: 'crash',
  'config/receivers': 'config',
  network: 'config',
  storage: 'untrusted crash config',
  'storage/parts': 'time crash storage',
  'storage/s3': 'time crash config network storage storage/parts',
  'storage/file': 'time crash config storage storage/parts',
  'crash-index': 'time crash crash/symbol-file storage storage/parts',
  groups: 'time crash storage',
  notify: 'untrusted time crash config config/receivers network',
  'notify/language': 'crash/why config',
  'notify/channels': 'time crash config notify',
  'notify/receivers': 'untrusted crash config config/receivers notify notify/language',
  handoff: 'crash durable config storage/parts notify',
  handler:
    'untrusted time crash durable config network storage storage/parts crash-index groups notify handoff',
  'handler/native': 'crash',
  'handler/core':
    'crash config storage storage/parts storage/file notify handler handler/identity handler/native',
  'handler/container-log': 'untrusted time crash',
  'handler/identity': 'untrusted time crash handoff',
  'handler/why':
    'untrusted time crash crash/image crash/python crash/symbols crash/unwind crash/why durable handler/identity',
  'handler/binaries': 'untrusted time crash config storage handler handler/why',
  'handler/symbols':
    'time crash crash/image crash/symbol-file crash/symbols crash/why config network storage storage/s3 handler/why',
  'handler/container-nodes': 'crash handoff handler/native',
  'handler/queue': 'crash durable config notify handoff handler/handoff',
  'handler/deduplicate': 'time crash crash/why durable config storage groups notify handoff handler',
  'handler/handoff': 'crash config network storage/s3 handoff',
  'handler/from-file':
    'untrusted time crash durable config storage handoff handler handler/core handler/identity handler/why handler/deduplicate handler/handoff',
  'handler/commands':
    'untrusted crash crash/symbol-file durable config config/receivers network storage crash-index notify notify/receivers handler handler/core handler/identity handler/why handler/symbols handler/native handler/handoff handler/from-file',
  fallback: 'untrusted time crash durable config handoff',
  installer: 'untrusted time crash durable kube config network storage handoff fallback',
  'installer/node': 'crash durable config handoff fallback',
  'installer/supply':
    'time crash durable kube config network storage storage/s3 groups handoff installer/node',
  'installer/outbox':
    'time crash durable config config/receivers network storage notify notify/channels notify/receivers handoff installer/telemetry',
  'installer/spool':
    'time crash durable config storage storage/parts crash-index groups notify handoff installer/supply installer/telemetry',
  'installer/tidy': 'time crash durable config handoff',
  'installer/groups':
    'time crash durable config crash-index storage groups handoff notify installer/supply installer/outbox',
  'installer/daily': 'untrusted time crash storage storage/parts crash-index groups',
  'installer/upkeep':
    'time crash kube config storage storage/file storage/parts crash-index handoff installer/supply installer/tidy installer/daily',
  'installer/telemetry': 'untrusted time crash durable kube notify handoff',
  'installer/status':
    'untrusted crash node-view config handoff installer/node installer/supply installer/telemetry installer/groups',
  serving: 'time crash kube config',
  'serving/certificate': 'time crash kube',
  webhook: 'time crash kube config network notify serving serving/certificate',
  'webhook/admission': 'untrusted time crash kube config notify',
  api: 'untrusted time crash coredump kube config network storage crash-index serving serving/certificate',
  'api/coredumps': 'untrusted time crash coredump storage crash-index api',
  'api/streams':
    'untrusted time crash crash/symbol-file coredump storage notify notify/language crash-index groups api api/coredumps',
  'api/endpoints': 'untrusted time crash coredump storage crash-index api api/coredumps api/streams',
  cli: 'untrusted crash config storage cli/source cli/terminal cli/commands cli/completion cli/debug cli/status cli/doctor cli/test',
  'cli/source':
    'untrusted time crash crash/symbol-file coredump kube config network storage crash-index groups api api/coredumps cli',
  'cli/terminal': 'untrusted',
  'cli/commands':
    'untrusted time crash coredump config notify notify/language cli cli/get cli/source cli/terminal',
  'cli/get': 'untrusted crash coredump cli cli/commands cli/debug cli/source cli/terminal',
  'cli/completion': 'untrusted time coredump cli cli/commands cli/terminal',
  'cli/debug': 'untrusted time crash crash/image coredump cli cli/source cli/terminal',
  'cli/debug/in-cluster': 'untrusted time crash coredump cli cli/debug cli/nodes cli/source cli/job',
  'cli/nodes': 'untrusted time crash cli',
  'cli/job': 'time crash cli cli/nodes',
  'cli/status': 'untrusted time crash node-view cli cli/nodes cli/terminal',
  'cli/doctor': 'untrusted time crash coredump node-view cli cli/nodes cli/status cli/terminal',
  'cli/test': 'untrusted time crash coredump node-view cli cli/nodes cli/job cli/source cli/terminal',
  executable: 'handler/native',
}

const FILES = globSync(`{${TOP_ROOMS.join()}}/**/*.ts`, { cwd: ROOT })
const IMPORTS = FILES.flatMap(importsOf)

for (const [room, others] of Object.entries(ROOMS)) {
  it(`${room}/ imports only ${others || 'itself'}`, () => {
    const wrong = IMPORTS.filter(({ file }) => path.dirname(file) === room).filter(
      ({ imported }) => !mayImport(room, path.dirname(imported)),
    )
    assert.deepEqual(wrong, [])
  })
}

it('a file of the product is in a room', () => {
  const homeless = FILES.filter(file => !(path.dirname(file) in ROOMS))
  assert.deepEqual(homeless, [])
})

it('tsconfig.json looks at every room', () => {
  const { include } = JSON.parse(readFileSync(path.join(ROOT, 'tsconfig.json'), 'utf8'))
  const rooms = new Set(FILES.map(file => file.split('/')[0]))
  assert.deepEqual(
    [...rooms].filter(room => !include.includes(room)),
    [],
  )
})

it('ARCHITECTURE.md has the same table', () => {
  const rows = readFileSync(path.join(ROOT, 'ARCHITECTURE.md'), 'utf8').matchAll(
    /^\| `([\w/-]+)\/` \|[^|\n]*\| ([^|\n]*) \|$/gm,
  )
  const documented = [...rows]
    .map(([, room = '', others = '']) => [room, others === '–' ? '' : others.replaceAll('`', '')])
    .filter(([room = '']) => TOP_ROOMS.includes(room.split('/')[0] ?? ''))
  assert.deepEqual(documented, Object.entries(ROOMS))
})

it('no file imports itself by way of others, not even their types', () => {
  const circles: string[] = []
  const done = new Set<string>()
  const walk = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' → '))
    if (done.has(file)) return
    done.add(file)
    for (const { imported } of IMPORTS.filter(one => one.file === file)) walk(imported, [...way, file])
  }
  for (const { file } of IMPORTS) walk(file, [])
  assert.deepEqual(circles, [])
})

it('AbortSignal.any() is used by anySignal() only, which says why', () => {
  const using = [...new Set(IMPORTS.map(({ file }) => file))].filter(file =>
    readFileSync(path.join(ROOT, file), 'utf8').includes('AbortSignal.any(['),
  )
  assert.deepEqual(using, [])
  assert.match(readFileSync(path.join(ROOT, 'time/any-signal.ts'), 'utf8'), /AbortSignal\.any\(\[/)
})

it('by which code the kernel refused is asked of crash/system-error.ts', () => {
  const using = [...new Set(IMPORTS.map(({ file }) => file))].filter(file =>
    readFileSync(path.join(ROOT, file), 'utf8').includes('as NodeJS.ErrnoException'),
  )
  assert.deepEqual(using, [])
})

it('what kind a store is, is asked in the configuration and where it is opened; all others ask for its traits', () => {
  const kind =
    /'(?:cfs|cos|oss)'|\bprotocol [!=]== '(?!https?:)|\b(?:FileStore|S3Store)\(|instanceof (?:FileStore|S3Store)/
  const asking = [...new Set(IMPORTS.map(({ file }) => file))].filter(
    file => path.dirname(file) !== 'config' && kind.test(readFileSync(path.join(ROOT, file), 'utf8')),
  )
  assert.deepEqual(asking, ['storage/open-store.ts'])
})

it('each property asks inputs() how many it gets', () => {
  const wrong = globSync('test/**/*.test.ts', { cwd: ROOT }).filter(file => {
    const text = readFileSync(path.join(ROOT, file), 'utf8')
    const properties = /^import fc from 'fast-check'$/m.test(text) ? countOf(text, /\bfc\.assert\(/g) : 0
    return properties > 0 && properties !== countOf(text, /\binputs\(\d*\)/g)
  })
  assert.deepEqual(wrong, [])
})

function countOf(text: string, what: RegExp): number {
  return [...text.matchAll(what)].length
}

function mayImport(room: string, other: string): boolean {
  // package.json
  if (other === '.' || other === room || other.startsWith(`${room}/`)) return true
  return ROOMS[room]?.split(' ').includes(other) ?? false
}

function importsOf(file: string): { file: string; imported: string }[] {
  const specifiers = readFileSync(path.join(ROOT, file), 'utf8').matchAll(
    /(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g,
  )
  return [...specifiers].map(([, specifier = '']) => ({
    file,
    imported: path.normalize(path.join(path.dirname(file), specifier)),
  }))
}
