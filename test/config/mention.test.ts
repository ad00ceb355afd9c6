import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseConfig } from '../../config/parse-config.ts'
import { OperatorError } from '../../crash/errors.ts'

function mentionsOf(chan: string, mention: string): readonly string[] | undefined {
  const { config, warnings } = parseConfig(
    `StorageConfig: {protocol: cfs, CFSMountPath: /mnt}\nNoticeChannel:\n- {chan: ${chan}, webhookurl: "https://h", mention: ${mention}}`,
  )
  assert.deepEqual(warnings, [])
  return config.notice.channels[0]?.mentions
}

const TAKEN: readonly (readonly [chan: string, written: string, ids: string[] | undefined])[] = [
  ['slack', '"@here"', ['here']],
  ['slack', 'U012AB3CD', ['U012AB3CD']],
  [
    'slack',
    '["<!subteam^S012AB3CD|@oncall>", "<@W012AB3CD>", "<!channel>"]',
    ['S012AB3CD', 'W012AB3CD', 'channel'],
  ],
  ['feishu', 'all', ['all']],
  ['lark', '["<at id=ou_1a></at>", \'<at user_id="ou_2b">Tom</at>\', g187]', ['ou_1a', 'ou_2b', 'g187']],
  ['wecom', '[zhangsan, "<@li.si>", "@wang_wu", zhangsan]', ['zhangsan', 'li.si', 'wang_wu']],
  ['wechat', '13800138000', ['13800138000']],
  ['dingtalk', '[13800138000, "@+852-61234567", all]', ['13800138000', '+852-61234567', 'all']],
  ['dingtalk', '""', undefined],
  ['dingtalk', '~', undefined],
]

for (const [chan, written, ids] of TAKEN) {
  it(`parseConfig() takes mention: ${written} for ${chan}`, () => {
    assert.deepEqual(mentionsOf(chan, written), ids)
  })
}

const REFUSED: readonly (readonly [chan: string, written: string, said: RegExp])[] = [
  [
    'slack',
    '"@oncall"',
    /line 3: NoticeChannel\[0\]\.mention holds "@oncall"; slack wants here, .*S012AB3CD; no name$/,
  ],
  ['slack', '"here <!channel>"', /slack wants/],
  ['slack', 'all', /slack wants/],
  ['feishu', 'sre@example.com', /holds "sre@example.com"; feishu wants all, an open ID .*no e-mail address$/],
  ['feishu', '"张三"', /holds "张三"/],
  ['feishu', '"<at id=all></at><at id=ou_1></at>"', /feishu wants/],
  ['wecom', '"@all"', /holds "@all"; wechat wants the user ID of a member, .* cannot call all$/],
  ['wecom', '"<@all>"', /wechat wants/],
  ['wecom', '"a>b"', /wechat wants/],
  ['dingtalk', '"@Zhang San"', /holds "@Zhang San"; dingtalk wants all, a mobile number/],
  ['dingtalk', '"[x](y)"', /dingtalk wants/],
  ['slack', 'https://hooks.slack.com/services/T000/B000/XXXX', /holds a value that is not shown/],
  ['slack', `[${Array(11).fill('here')}]`, /mention calls 11; at most 10$/],
  ['slack', '{a: b}', /mention is a group of keys/],
]

for (const [chan, written, said] of REFUSED) {
  it(`parseConfig() refuses mention: ${written.slice(0, 40)} for ${chan}, and says what is wanted`, () => {
    assert.throws(
      () => mentionsOf(chan, written),
      thrown => thrown instanceof OperatorError && said.test(thrown.message),
    )
  })
}
