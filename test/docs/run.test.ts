import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { parse, parseAllDocuments } from 'yaml'
import { blocksIn, documentOf, ROOT } from './documents.ts'
import { STORED } from './shown-notice.ts'

const { PATH = '' } = process.env

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'coredog-docs-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Not on every machine; without one, its commands are still read by commands.test.ts. */
function missing(program: string): string | false {
  const { error } = spawnSync(program, ['version', '--client'], { encoding: 'utf8' })
  return error === undefined ? false : `there is no ${program} here`
}

for (const { place, text } of blocksIn('sh').filter(({ mark }) => mark === 'run')) {
  const needsJq = text.includes('jq ') && missing('jq')
  it(`${place}: the commands do what they are for`, { skip: needsJq }, () => {
    lay()
    const run = spawnSync('bash', ['--norc', '-euo', 'pipefail', '-c', text], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: `${folder}/bin:${PATH}` },
    })
    assert.equal(run.stderr, '')
    assert.equal(run.status, 0)
    const seen = Object.entries(SEEN).filter(([command]) => text.includes(command))
    assert.ok(seen.length > 0, 'nothing is known of what the commands are for')
    for (const [, { where, what }] of seen) assert.match(where === 'stdout' ? run.stdout : read(where), what)
  })
}

const SEEN: Readonly<Record<string, { where: string; what: RegExp }>> = {
  "sed -i 's#ghcr": {
    where: 'deploy/coredog.yaml',
    what: /^(?!.*ghcr\.io).*registry\.example\/coredog:0\.1\.0/s,
  },
  'gunzip core.gz': { where: 'core', what: /^the memory of a process$/ },
  'jq -r .unidentified': { where: 'stdout', what: /^the container runtime knows no container\n$/ },
  "jq -r '.container.image": {
    where: 'stdout',
    what: /^registry\.example\/checkout:1\.4\.2\n\/app\/checkout\nnull\n$/,
  },
  "jq -r '.items[]": { where: 'stdout', what: /shop\/web-0\n$/ },
}

/** What a reader has at that point. */
function lay(): void {
  cpSync(path.join(ROOT, 'deploy'), path.join(folder, 'deploy'), { recursive: true })
  writeFileSync(path.join(folder, 'core.gz'), gzipSync('the memory of a process'))
  const unidentified = 'the container runtime knows no container'
  writeFileSync(path.join(folder, 'report.json'), JSON.stringify({ ...STORED.report, unidentified }))
  mkdirSync(path.join(folder, 'bin'))
  writeFileSync(path.join(folder, 'pods.json'), JSON.stringify(PODS))
  writeFileSync(path.join(folder, 'bin/kubectl'), `#!/bin/sh\nexec cat "${folder}/pods.json"\n`)
  chmodSync(path.join(folder, 'bin/kubectl'), 0o755)
}

const PODS = {
  items: [
    { metadata: { namespace: 'shop', name: 'web-0', annotations: { 'coredog.io/inject': 'true' } } },
    { metadata: { namespace: 'shop', name: 'web-1', annotations: { 'coredog.io/inject': 'false' } } },
    { metadata: { namespace: 'pay', name: 'bare' } },
  ],
}

function read(file: string): string {
  return readFileSync(path.join(folder, file), 'utf8')
}

it('docs/install.md: the kustomization has our image and our bucket', { skip: missing('kubectl') }, () => {
  cpSync(path.join(ROOT, 'deploy'), path.join(folder, 'deploy'), { recursive: true })
  mkdirSync(path.join(folder, 'our-cluster'))
  writeFileSync(path.join(folder, 'our-cluster/kustomization.yaml'), exampleWith('kind: Kustomization'))
  const { stdout, stderr } = spawnSync('kubectl', ['kustomize', path.join(folder, 'our-cluster')], {
    encoding: 'utf8',
  })
  assert.equal(stderr, '')
  const objects = parseAllDocuments(stdout).map(document => document.toJS())
  const { data } = objects.find(({ kind }) => kind === 'ConfigMap')
  assert.equal(parse(data['coredog.yaml']).StorageConfig.S3Bucket, 'crashes')
  assert.match(stdout, /image: registry\.example\/coredog:0\.1\.0/)
  assert.doesNotMatch(stdout, /ghcr\.io/)
})

it('docs/install.md: the chart takes the values', { skip: missing('helm') }, () => {
  const values = path.join(folder, 'values.yaml')
  writeFileSync(values, exampleWith('# values.yaml'))
  const chart = path.join(ROOT, 'deploy/chart')
  const { stdout, stderr } = spawnSync(
    'helm',
    ['template', 'coredog', chart, '--kube-version', '1.34.0', '--values', values],
    {
      encoding: 'utf8',
    },
  )
  assert.equal(stderr, '')
  assert.match(stdout, /image: "?registry\.example\/coredog:/)
  assert.match(stdout, /S3Bucket: crashes/)
})

it('docs/storage.md: the self-test writes to a mounted file system', () => {
  const [, , , , ...rest] = documentOf('docs/storage.md').blocks
  const example = rest.find(({ text }) => text.includes('protocol: cfs'))?.text ?? ''
  const paths = `paths: {log: ${folder}/log/handler.log, state: ${folder}/state, run: ${folder}/run}\n`
  writeFileSync(path.join(folder, 'coredog.yaml'), `${example.replace('/mnt/cfs', folder)}${paths}`)
  const main = path.join(ROOT, 'handler/main.ts')
  const { stdout, status } = spawnSync(
    process.execPath,
    [main, `--config=${folder}/coredog.yaml`, 'self-test'],
    { encoding: 'utf8' },
  )
  assert.match(stdout, /^ok +storage: wrote and removed /m)
  assert.equal(status, 0)
})

function exampleWith(text: string): string {
  const found = documentOf('docs/install.md').blocks.find(block => block.text.includes(text))
  assert.ok(found, text)
  return found.text
}
