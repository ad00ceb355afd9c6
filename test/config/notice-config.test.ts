import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type ParsedConfig, parseConfig } from '../../config/parse-config.ts'

function parse(text: string): ParsedConfig {
  return parseConfig(`StorageConfig: {protocol: cfs, CFSMountPath: /mnt/cfs}\n${text}`)
}

function warningsOf(text: string): string[] {
  return parse(text).warnings.map(({ message }) => message.replace('coredog.yaml:2: ', ''))
}

it('parseConfig() knows the channels by all their names', () => {
  const names = ['feishu', 'lark', 'wechat', 'wecom', 'slack', 'dingtalk', ' Slack ']
  const channels = names.map(name => `{chan: "${name}", webhookurl: "http://h"}`)
  const { config, warnings } = parse(`NoticeChannel: [${channels}]`)
  assert.deepEqual(
    config.notice.channels.map(({ kind }) => kind),
    ['feishu', 'feishu', 'wechat', 'wechat', 'slack', 'dingtalk', 'slack'],
  )
  assert.deepEqual(warnings, [])
})

it('parseConfig() leaves out the channels that cannot work, and keeps the others', () => {
  const text = `NoticeChannel: [{chan: irc, webhookurl: http://a}, {chan: slack}, {webhookurl: http://b}, ~, {chan: slack, webhookurl: http://c}]`
  assert.deepEqual(
    parse(text).config.notice.channels.map(({ webhookUrl }) => webhookUrl),
    ['http://c'],
  )
  const known =
    'known are feishu, wechat, slack, dingtalk, teams, telegram and discord: this channel is left out'
  assert.deepEqual(warningsOf(text), [
    `NoticeChannel[0].chan is "irc", ${known}`,
    'NoticeChannel[1].webhookurl is not set: this channel is left out',
    `NoticeChannel[2].chan is not set, ${known}`,
    `NoticeChannel[3].chan is not set, ${known}`,
  ])
})

it('parseConfig() keeps a channel called like what every object has out', () => {
  assert.deepEqual(
    parse('NoticeChannel: [{chan: constructor, webhookurl: http://a}]').config.notice.channels,
    [],
  )
})

it('parseConfig() keeps the secret of a channel that signs, and warns of one that does not', () => {
  const text =
    'NoticeChannel: [{chan: feishu, webhookurl: http://a, secret: 7}, {chan: slack, webhookurl: http://b, secret: s}]'
  assert.equal(parse(text).config.notice.channels[0]?.secret, '7')
  assert.deepEqual(warningsOf(text), ['NoticeChannel[1].secret has no effect: slack signs nothing'])
})

it('parseConfig() takes an empty message for none', () => {
  assert.equal(parse('messageTemplate: " \\n"').config.notice.messageTemplate, null)
  assert.equal(parse('messageTemplate: " x\\n"').config.notice.messageTemplate, ' x\n')
})

it('parseConfig() keeps labels of any name as labels', () => {
  const { messageLabels } = parse('messageLabels: {__proto__: a, "b.c": 1.50, d: yes, e: ~}').config.notice
  assert.deepEqual(Object.entries(messageLabels), [
    ['__proto__', 'a'],
    ['b.c', '1.50'],
    ['d', 'yes'],
  ])
})

it('parseConfig() takes the URL of CoreSight by both its names', () => {
  const url = (text: string) => parse(`CoreSight: {enabled: true, ${text}}`).config.coreSight.url
  assert.equal(url('natsUrl: http://nats'), 'http://nats')
  assert.equal(url('apiUrl: http://api'), 'http://api')
  assert.equal(url('natsUrl: http://nats, apiUrl: http://api'), 'http://api')
})

it('parseConfig() leaves the URL of CoreSight to the environment of the installer, with a warning', () => {
  const { enabled, url } = parse('CoreSight: {enabled: true}').config.coreSight
  assert.deepEqual([enabled, url], [true, null])
  assert.deepEqual(warningsOf('CoreSight: {enabled: true}'), [
    'CoreSight.apiUrl is not set: nothing is reported to CoreSight, unless the installer has CORESIGHT_API_URL',
  ])
})

it('parseConfig() does not mind the URL of a CoreSight that is off', () => {
  assert.deepEqual(warningsOf('CoreSight: {enabled: false, natsUrl: nats://old:4222}'), [])
})

it('parseConfig() lets no script that is not there keep the notice back', () => {
  const text = 'CustomHandler: {enabled: true, skipDefaultNotify: true, skipCoreSight: true}'
  const { enabled, skipDefaultNotify, skipCoreSight } = parse(text).config.customHandler
  assert.deepEqual([enabled, skipDefaultNotify, skipCoreSight], [false, false, false])
  assert.deepEqual(warningsOf(text), ['CustomHandler.script is not set: nothing is run'])
})

it('parseConfig() gives a script five minutes when it is given none', () => {
  const seconds = (timeout: string) =>
    parse(`CustomHandler: {timeout: ${timeout}}`).config.customHandler.timeoutSeconds
  assert.deepEqual(['0', '""', '60', '2m'].map(seconds), [300, 300, 60, 120])
})

it('parseConfig() gives a channel its own language, or that of all', () => {
  const channel = (language: string) =>
    `{chan: slack, webhookurl: "https://chat.example/x"${language === '' ? '' : `, language: ${language}`}}`
  const languages = (text: string) => parse(text).config.notice.channels.map(({ language }) => language)
  const channels = `NoticeChannel: [${['', 'default', 'en', 'zh'].map(channel).join(', ')}]`
  assert.deepEqual(languages(channels), [undefined, undefined, undefined, 'zh'])
  assert.deepEqual(languages(`notify: {language: zh}\n${channels}`), ['zh', 'zh', undefined, 'zh'])
})
