import assert from 'node:assert/strict'
import { it } from 'node:test'
import { dingtalk, dingtalkSign } from '../../../notify/channels/dingtalk.ts'
import { defaultMessage, messageFor } from '../../../notify/message.ts'
import { LINK, lostNotification, REPORT, sampleNotification } from '../sample-notification.ts'
import { verdictsOf } from './verdicts-of.ts'

it('dingtalk.render() makes an action card when there is a link', () => {
  const report = { ...REPORT, crash: {}, process: {}, node: {} }
  assert.deepEqual(dingtalk.render(defaultMessage(sampleNotification({ report }))), {
    msgtype: 'actionCard',
    actionCard: {
      title: 'SIGSEGV in prod/web (app)',
      text: [
        '### SIGSEGV in prod/web (app)',
        '',
        'SEGV_MAPERR, 0x0',
        '',
        '- **Pod**: web-0, restarted 2 times before',
        '- **Image**: registry.example/app:1.4.2',
        '',
        "`gunzip core.gz && gdb -nx -iex 'set auto-load off' EXECUTABLE core`",
        '',
        'core of 1.2 GiB, 84 MiB stored · 2026-11-21 04:21:17 UTC',
        '',
        's3://cores/prod/web-0/core.gz',
        '',
        'CoreDog 0.1.0 · crash 3f2a9c01d4e5 · whoever has the link can read the memory of the process',
      ].join('\n'),
      singleTitle: 'Download the core',
      singleURL: LINK,
    },
  })
})

it('dingtalk.render() makes markdown when there is none', () => {
  assert.deepEqual(dingtalk.render(defaultMessage(lostNotification())), {
    msgtype: 'markdown',
    markdown: {
      title: 'Crash in an unknown process, core lost',
      text: [
        '### Crash in an unknown process, core lost',
        '',
        'The core was not kept: the store refused the key',
        '',
        'Check s3AccesskeyID.',
        '',
        'CoreDog · crash 3f2a9c01d4e5',
      ].join('\n'),
    },
  })
})

it('dingtalk.render() sends the operator’s words and nothing else for a whole core', () => {
  const wording = { messageTemplate: '**{pod.name}** {corefile.url}', messageLabels: {} }
  assert.deepEqual(dingtalk.render(messageFor(sampleNotification(), wording)), {
    msgtype: 'markdown',
    markdown: { title: 'SIGSEGV in prod/web (app)', text: `**web-0** [Download the core](${LINK})` },
  })
})

it('dingtalkSign() makes the signature that DingTalk expects', () => {
  assert.equal(
    encodeURIComponent(dingtalkSign('1577262236757', 'SECdemo')),
    'sLRlUUvzoOXn5DR%2F%2Bo%2Bs6tOqX%2BbWe3JGaZ7JQ7844l8%3D',
  )
})

it('dingtalk.sign() puts the time in milliseconds and the signature into the query', () => {
  const request = { url: 'https://dingtalk.example/robot/send?access_token=abc', body: { msgtype: 'text' } }
  assert.deepEqual(dingtalk.sign?.(request, 'SECdemo', new Date(1577262236757)), {
    url:
      'https://dingtalk.example/robot/send?access_token=abc&timestamp=1577262236757' +
      '&sign=sLRlUUvzoOXn5DR%2F%2Bo%2Bs6tOqX%2BbWe3JGaZ7JQ7844l8%3D',
    body: { msgtype: 'text' },
  })
})

verdictsOf(dingtalk, [
  { name: 'errcode 0', body: '{"errcode":0,"errmsg":"ok"}', kind: 'ok' },
  { name: 'errcode "0"', body: '{"errcode":"0","errmsg":"ok"}', kind: 'ok' },
  {
    name: 'a missing keyword',
    body: '{"errcode":310000,"errmsg":"keywords not in content"}',
    kind: 'failed',
    hint: /keywords of the robot/,
  },
  {
    name: 'a wrong time',
    body: '{"errcode":310000,"errmsg":"invalid timestamp"}',
    kind: 'failed',
    hint: /clock/,
  },
  {
    name: 'a wrong signature',
    body: '{"errcode":310000,"errmsg":"sign not match"}',
    kind: 'failed',
    hint: /secret/,
  },
  {
    name: 'a forbidden address',
    body: '{"errcode":310000,"errmsg":"ip 1.2.3.4 not in whitelist"}',
    kind: 'failed',
    hint: /IP list/,
  },
  {
    name: 'another refusal of security',
    body: '{"errcode":310000,"errmsg":"odd"}',
    kind: 'failed',
    hint: /security settings/,
  },
  {
    name: 'a wrong token',
    body: '{"errcode":300005,"errmsg":"token is not exist"}',
    kind: 'failed',
    hint: /access_token/,
  },
  { name: 'a wrong token by the documented code', body: '{"errcode":400101,"errmsg":"x"}', kind: 'failed' },
  {
    name: 'a robot switched off',
    body: '{"errcode":400102,"errmsg":"x"}',
    kind: 'failed',
    hint: /Switch the robot on/,
  },
  { name: 'a bad type', body: '{"errcode":400105,"errmsg":"x"}', kind: 'malformed' },
  {
    name: 'forbidden words',
    body: '{"errcode":430101,"errmsg":"x"}',
    kind: 'failed',
    reason: /content policy/,
  },
  { name: 'too many messages', body: '{"errcode":410100,"errmsg":"x"}', kind: 'retry' },
  { name: 'too many messages by another code', body: '{"errcode":660026,"errmsg":"x"}', kind: 'retry' },
  { name: 'a busy system', body: '{"errcode":-1,"errmsg":"x"}', kind: 'retry' },
])
