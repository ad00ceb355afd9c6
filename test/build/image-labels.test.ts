import assert from 'node:assert/strict'
import { it } from 'node:test'
import { labelsOf } from '../../build/image-labels.ts'

const about = { description: 'Keeps cores', license: 'Apache-2.0', version: '1.2.3' }

it('labelsOf() says what it is, whose, and of which source', () => {
  const labels = labelsOf(about, { commit: 'c0ffee', date: '2026-01-02T03:04:05Z' })
  assert.deepEqual(
    Object.keys(labels).map(name => name.replace('org.opencontainers.image.', '')),
    [
      ...['title', 'description', 'licenses', 'version', 'authors', 'vendor'],
      ...['url', 'source', 'documentation', 'revision', 'created'],
    ],
  )
  assert.equal(labels['org.opencontainers.image.revision'], 'c0ffee')
  assert.match(labels['org.opencontainers.image.documentation'] ?? '', /v1\.2\.3/)
})

it('labelsOf() says nothing of a source that is not known', () => {
  const labels = labelsOf(about, { commit: null, date: null })
  assert.ok(!('org.opencontainers.image.revision' in labels || 'org.opencontainers.image.created' in labels))
})
