import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import { CHANNEL_KINDS, CHATS, chatNames, isSigning } from '../../../config/chats.ts'
import { KEYS } from '../../../config/keys.ts'
import { parseConfig } from '../../../config/parse-config.ts'
import { createMetrics } from '../../../installer/telemetry/metrics.ts'
import { CHANNELS } from '../../../notify/channels/all.ts'

/** What names the chats to an operator, besides the reference, which has its own test. */
const EXAMPLES = [
  'deploy/chart/values.yaml',
  'deploy/base/config-map.yaml',
  'deploy/overlays/fallback/config-map.yaml',
]

for (const kind of CHANNEL_KINDS) {
  describe(kind, () => {
    it('can be configured by each of its names, in any case', () => {
      for (const name of namesOf(kind)) {
        assert.equal(configured(`chan: ${name}`).config.notice.channels[0]?.kind, kind, name)
        assert.equal(configured(`chan: ${name.toUpperCase()}`).config.notice.channels[0]?.kind, kind, name)
      }
    })

    it('has a secret if it signs, and a warning if it does not', () => {
      const { warnings } = configured(`chan: ${kind}, secret: s`)
      assert.equal(warnings.length === 0, isSigning(kind))
      assert.equal(CHANNELS[kind].sign !== undefined, isSigning(kind))
    })

    it('has a label of its own in the metrics', async () => {
      const metrics = createMetrics('node-7')
      metrics.countLine({ msg: 'notice failed', channel: `${kind}#12` })
      assert.match(await metrics.text(), new RegExp(`coredog_notifications_total\\{channel="${kind}#12"`))
    })

    it('is told in bursts of less than a minute is good for', () => {
      const { burst, perSecond } = CHANNELS[kind].rate
      assert.ok(burst >= 1 && perSecond > 0 && burst <= perSecond * 60)
    })

    it('stands in the reference, in docs/channels.md, and where channels are shown', () => {
      const { chan, secret } = KEYS.keys.NoticeChannel.item.keys
      for (const name of namesOf(kind)) assert.match(chan.meaning, new RegExp(`\\b${name}\\b`))
      assert.equal(new RegExp(`\\b${kind}\\b`).test(secret.meaning), isSigning(kind))
      for (const name of namesOf(kind))
        assert.match(textOf('docs/channels.md'), new RegExp(`\`(?:chan: )?${name}\``))
      for (const file of EXAMPLES)
        assert.match(textOf(file), new RegExp(`chan: slack .*\\b${kind}\\b|\\bchan: ${kind}\\b`), file)
    })

    it('stands in README.md, by the name that people there know it by', () => {
      assert.match(textOf('README.md'), new RegExp(`\\b(?:${namesOf(kind).join('|')})\\b`, 'i'))
    })
  })
}

it('docs/configuration.md and the warning about an unknown chat name all of them', () => {
  assert.ok(textOf('docs/configuration.md').includes(chatNames()))
  const [warning] = configured('chan: smoke-signals').warnings
  for (const kind of CHANNEL_KINDS) assert.match(warning?.message ?? '', new RegExp(`\\b${kind}\\b`))
})

function namesOf(kind: keyof typeof CHATS): readonly string[] {
  const { alias } = CHATS[kind]
  return alias === null ? [kind] : [kind, alias]
}

function configured(channel: string) {
  return parseConfig(`
StorageConfig: {protocol: cfs, CFSMountPath: /mnt}
NoticeChannel: [{webhookurl: "https://chat.example/bot", ${channel}}]`)
}

function textOf(file: string): string {
  return readFileSync(path.resolve(import.meta.dirname, '../../..', file), 'utf8')
}
