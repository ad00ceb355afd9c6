import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { parse, parseAllDocuments } from 'yaml'
import { KEYS } from '../../config/keys.ts'
import { parseConfig } from '../../config/parse-config.ts'
import { blocksIn, documentOf, ROOT } from './documents.ts'

/**
 * Written for more readers than one: a chart's values, a manifest, what stands in a pod, or our own
 * configuration.
 */
for (const { place, text } of blocksIn('yaml')) {
  it(`${place}: the YAML is what its reader takes`, () => {
    const found = parse(text)
    const keys = Object.keys(found)
    if (keys.some(key => key in KEYS.keys)) return assertConfig(text)
    if ('apiVersion' in found) return assert.ok('kind' in found)
    if (keys.some(key => ['metadata', 'spec'].includes(key))) return assertPod(found)
    assertValues(found)
  })
}

it('the Secret of README, beside the ConfigMap of the manifests, is a configuration', () => {
  const [secret = ''] = blocksIn('yaml', [documentOf('README.md')]).map(({ text }) => text)
  const manifests = parseAllDocuments(readFileSync(path.join(ROOT, 'deploy/coredog.yaml'), 'utf8'))
  const { data } = manifests.map(manifest => manifest.toJS()).find(({ kind }) => kind === 'ConfigMap')
  const { config, warnings } = parseConfig(data['coredog.yaml'], { secrets: secret })
  assert.match(secret, /^# coredog-secrets\.yaml$/m)
  assert.deepEqual(warnings, [])
  assert.equal(config.notice.channels.length, 1)
  assert.ok(config.storage.protocol === 's3' && config.storage.bucket === 'crashes')
})

/** A part of one may be in coredog-secrets.yaml, or stand for a whole. */
function assertConfig(text: string, secrets = ''): void {
  const { StorageConfig = {} } = parse(text)
  const isWhole = 'S3Bucket' in StorageConfig || 'CFSMountPath' in StorageConfig
  const { warnings } = isWhole ? parseConfig(text, { secrets }) : parseConfig(WHOLE, { secrets: text })
  assert.deepEqual(warnings, [])
}

/** What a chart's values need not say: it is in the Secret. */
const KEYS_OF_STORE = 'StorageConfig: {s3AccesskeyID: AKIDEXAMPLE, s3SecretAccessKey: key}'

const WHOLE = `
StorageConfig: {s3Region: eu-central-1, S3Bucket: crashes}
NoticeChannel: [{chan: slack, webhookurl: 'https://chat.example/'}]
`

function assertPod({ metadata }: { metadata?: { annotations?: Record<string, unknown> } }): void {
  const annotations = Object.entries(metadata?.annotations ?? {})
  assert.ok(annotations.length > 0)
  for (const [key, value] of annotations) {
    assert.match(key, /^coredog\.io\/(inject|path|container|max-hold)$/)
    // An unquoted true is refused by the API server.
    assert.equal(typeof value, 'string')
  }
}

/** Also below: a value that the chart does not have would have no effect. */
function assertValues(found: object, inChart: unknown = VALUES): void {
  for (const [key, value] of Object.entries(found)) {
    const known = (inChart as Record<string, unknown>)[key]
    assert.notEqual(known, undefined, `values.yaml has no ${key}`)
    if (key === 'coredog') assertConfig(value, KEYS_OF_STORE)
    else if (isFilled(known)) assertValues(value, known)
  }
}

const VALUES = parse(readFileSync(path.join(ROOT, 'deploy/chart/values.yaml'), 'utf8'))

function isFilled(known: unknown): known is object {
  return typeof known === 'object' && known !== null && Object.keys(known).length > 0
}
