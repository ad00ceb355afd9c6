import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseConfig } from '../../config/parse-config.ts'

function warningsOf(text: string): string[] {
  const { warnings } = parseConfig(`StorageConfig: {protocol: cfs, CFSMountPath: /mnt/cfs}\n${text}`)
  return warnings.map(({ message }) => message)
}

const idle = [
  {
    text: 'gc: true',
    warning: 'gc has no effect without `gc_type: truncate`: files are removed, not emptied',
  },
  {
    text: 'gc_type: truncate',
    warning: 'gc_type has no effect without `gc: true`: files are removed, not emptied',
  },
  { text: 'messageLabels: {team: shop}', warning: 'messageLabels has no effect without `messageTemplate`' },
  {
    text: 'messageLabels: {team: shop}\nmessageTemplate: " "',
    warning: 'messageLabels has no effect without `messageTemplate`',
  },
  {
    text: 'compressionLevel: 9\ncompression: none',
    warning: 'compressionLevel has no effect with `compression: none`',
  },
  {
    text: 'network: {noProxy: minio.example}',
    warning: 'network.noProxy has no effect without `network.proxy`',
  },
  {
    text: 'CoreSight: {apiUrl: "https://a", natsUrl: "https://b"}',
    warning: 'CoreSight.natsUrl has no effect beside `CoreSight.apiUrl`',
  },
  {
    text: 'notify: {links: [{label: x, url: "https://h/"}]}\nmessageTemplate: mine',
    warning: 'notify.links has no effect beside `messageTemplate`: it has links of its own',
  },
  {
    text: 'notify: {logLines: 5}\nmessageTemplate: mine',
    warning: 'notify.logLines has no effect beside `messageTemplate`',
  },
  {
    text: 'notify: {logLines: 5, detail: names}',
    warning: 'notify.logLines has no effect with `notify.detail: names`',
  },
  {
    text: 'notify: {logLines: 5}\ncollect: {logLines: 0}',
    warning: 'notify.logLines has no effect with `collect.logLines: 0`',
  },
]
for (const { text, warning } of idle) {
  it(`parseConfig() warns of ${JSON.stringify(text)}`, () => {
    assert.deepEqual(warningsOf(text), [`coredog.yaml:2: ${warning}`])
  })
}

it('parseConfig() warns of an encryption that a mounted directory does not have', () => {
  const text = 'StorageConfig: {protocol: cfs, CFSMountPath: /mnt/cfs, serverSideEncryption: AES256}'
  assert.deepEqual(
    parseConfig(text).warnings.map(({ message }) => message),
    ['coredog.yaml:1: StorageConfig.serverSideEncryption has no effect with `protocol: cfs`'],
  )
})

const effective = [
  '{gc: true, gc_type: truncate}',
  '{gc: false, gc_type: rm}',
  'messageTemplate: "{team}"\nmessageLabels: {team: shop}',
  'compression: zstd\ncompressionLevel: 9',
  'compression: none\ncompressionLevel: 1',
  'network: {proxy: "http://proxy:3128", noProxy: minio.example}',
  'CoreSight: {apiUrl: "https://a", natsUrl: "https://a"}',
  'CoreSight: {natsUrl: "https://b", token: t}',
  'fallback: {dumpsDir: /data/other, maxPodBytes: 0}\nCorefileDir: /cores',
]
for (const text of effective) {
  it(`parseConfig() says nothing of ${JSON.stringify(text)}`, () => {
    const written = text.startsWith('{') ? text.slice(1, -1).replace(', ', '\n') : text
    assert.deepEqual(warningsOf(written), [])
  })
}
