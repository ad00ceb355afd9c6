import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { HELP as BENCH } from '../../bench/options.ts'
import { USAGE as IMAGE } from '../../build/image-options.ts'
import { KEYS } from '../../config/keys.ts'
import { INSTALL_DIRECTORIES } from '../../installer/node/handler-place.ts'
import { TOP_ROOMS } from '../rooms.ts'
import { blocksIn, DOCUMENTS, type Document, documentOf, inlineCode, ROOT } from './documents.ts'
import { commandsIn } from './shell.ts'

/** What the programs may say is in their sources. */
const SOURCES = globSync(`{${TOP_ROOMS.join()}}/**/*.ts`, { cwd: ROOT })
  .map(file => readFileSync(path.join(ROOT, file), 'utf8'))
  .join('\n')
  // A text in two pieces, or with a quote in it.
  .replace(/'\s*\+\s*'/g, '')
  .replaceAll("\\'", "'")

for (const document of DOCUMENTS) {
  it(`${document.file}: metrics and Events are such that there are`, () => {
    const missing = [...metricsIn(document), ...eventsIn(document)].filter(
      name => !SOURCES.includes(`'${name}'`),
    )
    assert.deepEqual(missing, [])
  })

  it(`${document.file}: keys of the configuration are such that there are`, () => {
    assert.deepEqual(
      keysIn(document).filter(key => !isKey(key)),
      [],
    )
  })
}

for (const file of ['docs/troubleshooting.md', 'docs/zh-CN/troubleshooting.md']) {
  it(`${file}: what the programs are said to say, they say`, () => {
    assert.deepEqual(sayingsIn(documentOf(file)).filter(isNeverSaid), [])
  })
}

it('an Event that the installer posts is named where an operator looks it up', () => {
  const posted = [...SOURCES.matchAll(/recordNodeEvent\('(\w+)'|reason: '(CoreDump\w+)'/g)].flatMap(
    ([, onNode, onPod]) => onNode ?? onPod ?? [],
  )
  assert.ok(posted.length >= 7)
  for (const file of ['docs/troubleshooting.md', 'docs/zh-CN/troubleshooting.md']) {
    const named = inlineCode(documentOf(file))
    assert.deepEqual(
      posted.filter(reason => !named.includes(reason)),
      [],
      file,
    )
  }
})

it('what is searched for in a log may stand there', () => {
  const patterns = blocksIn('sh')
    .filter(({ text }) => text.includes(' logs '))
    .flatMap(({ text }) => commandsIn(text))
    .filter(([program]) => program === 'grep')
    .flatMap(command => (command.at(-1) ?? '').split('|'))
  assert.ok(patterns.length >= 8)
  assert.deepEqual(patterns.map(withoutNames).filter(isNeverSaid), [])
})

it('what a container runtime says where the installer’s mounts cannot be made is among the troubles', () => {
  const mounts = readFileSync(path.join(ROOT, 'deploy/base/daemon-set.yaml'), 'utf8')
  // https://github.com/containerd/containerd/blob/v2.2.0/internal/cri/opts/spec_linux_opts.go
  const says = { HostToContainer: 'is not a shared or slave mount', Bidirectional: 'is not a shared mount' }
  const wanted = Object.entries(says).filter(([propagation]) => mounts.includes(`: ${propagation}`))
  assert.ok(wanted.length > 0)
  for (const file of ['docs/troubleshooting.md', 'docs/zh-CN/troubleshooting.md'])
    for (const [, saying] of wanted)
      assert.ok(
        inlineCode(documentOf(file)).some(code => code.includes(saying)),
        file,
      )
})

it('options in a sentence are such that there are', () => {
  const options = DOCUMENTS.flatMap(inlineCode).flatMap(code => /^--[a-z][a-z-]+/.exec(code)?.[0] ?? [])
  const unknown = options.filter(
    option => !OPTIONS_OF_OTHERS.includes(option) && !`${SOURCES}${BENCH}${IMAGE}`.includes(option),
  )
  assert.ok(options.includes('--install-dir'))
  assert.deepEqual(unknown, [])
})

const OPTIONS_OF_OTHERS = ['--abort-on-uncaught-exception', '--perf-basic-prof', '--values']

it('the directories for the handler are those that are tried', () => {
  for (const file of ['docs/install.md', 'docs/zh-CN/install.md']) {
    const list = INSTALL_DIRECTORIES.map(directory => `\`${directory}\``)
    const { prose } = documentOf(file)
    assert.ok(
      [list.join(', '), list.join('、')].some(text => prose.includes(text)),
      file,
    )
  }
})

it('what nobody says, counts or reads is found', () => {
  const wrong = {
    file: 'wrong.md',
    text: '',
    blocks: [],
    prose: 'coredog_nothing_total `CoreDumpEaten` `limits.nothing`\n| `nobody says this` | x |\n',
  }
  assert.deepEqual(metricsIn(wrong), ['coredog_nothing_total'])
  assert.deepEqual(eventsIn(wrong), ['CoreDumpEaten'])
  assert.deepEqual(
    keysIn(wrong).filter(key => !isKey(key)),
    ['limits.nothing'],
  )
  assert.deepEqual(sayingsIn(wrong).filter(isNeverSaid), ['nobody says this'])
  assert.ok(!SOURCES.includes("'coredog_nothing_total'"))
})

function metricsIn({ text, prose }: Document): string[] {
  return [...`${text}${prose}`.matchAll(/\bcoredog_[a-z_]+[a-z]\b/g)].map(([name]) =>
    name.replace(/_(bucket|sum|count)$/, ''),
  )
}

function eventsIn(document: Document): string[] {
  return inlineCode(document)
    .filter(code => /^(?:CoreDump|CoreFile|Foreign|ConfigurationR)[A-Za-z]+$/.test(code))
    .filter(code => !isKey(code))
}

/** `limits.memory`, also with a value. What begins with another word is no key of ours. */
function keysIn(document: Document): string[] {
  return inlineCode(document)
    .map(code => code.replace(/: .*$/, ''))
    .filter(code => /^[A-Za-z_]+(?:\.[A-Za-z]+)+$/.test(code))
    .filter(code => Object.hasOwn(KEYS.keys, code.split('.')[0] ?? '') && !code.endsWith('.ts'))
    .filter(code => !NOT_KEYS.includes(code))
}

/** A value of the chart, which begins as a section of ours. */
const NOT_KEYS = ['config.coredog']

function isKey(dotted: string): boolean {
  let at: unknown = KEYS
  for (const name of dotted.split('.')) {
    at = (at as { keys?: Record<string, unknown> }).keys?.[name]
    if (at === undefined) return false
  }
  return true
}

/** What stands in the first column of a table: there it is what a person sees. */
function sayingsIn({ prose }: Document): string[] {
  return [...prose.matchAll(/^\| ([^|]*) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code),
  )
}

/** `ulimit -c` and the like are what others say; the API server says why our policy refuses. */
const OTHERS = [
  ...['/corefile', 'ulimit -c', 'Reason:', 'status', 'reason', 'unidentified'],
  'may change nothing but clientConfig.caBundle',
  ...['coredog-api may change nothing but spec.caBundle', 'FailedDiscoveryCheck', 'forbidden'],
  ...['context deadline exceeded', 'no route to host', 'x509: certificate signed by unknown authority'],
  ...[
    `the server doesn't have a resource type "cores"`,
    'kubectl get cores',
    'kubectl coredog',
    'Terminating',
  ],
]

function isNeverSaid(saying: string): boolean {
  return !OTHERS.includes(saying) && !SOURCES.includes(saying)
}

/** `Skip injection for pod shop/my-app`: the last is the reader's. */
function withoutNames(pattern: string): string {
  return pattern.replace(/ shop\/.*$/, '')
}
