import assert from 'node:assert/strict'
import { it } from 'node:test'
import { wechat } from '../../../notify/channels/wechat.ts'
import { defaultMessage, messageFor } from '../../../notify/message.ts'
import { LINK, lostNotification, REPORT, sampleNotification } from '../sample-notification.ts'
import { verdictsOf } from './verdicts-of.ts'

function contentOf(body: unknown): string {
  return (body as { markdown: { content: string } }).markdown.content
}

it('wechat.render() makes markdown with a link', () => {
  assert.deepEqual(wechat.render(defaultMessage(sampleNotification())), {
    msgtype: 'markdown',
    markdown: {
      content: [
        '### <font color="info">SIGSEGV in prod/web (app)</font>',
        'SEGV_MAPERR, 0x0',
        '>· server + 0x401149',
        '',
        '>Pod: web-0, restarted 2 times before',
        '>Program: /app/server',
        '>Node: node-7 (10.0.1.7)',
        '>Image: registry.example/app:1.4.2',
        '',
        `[Download the core](${LINK})`,
        "`gunzip core.gz && gdb -nx -iex 'set auto-load off' /app/server core`",
        '<font color="comment">core of 1.2 GiB, 84 MiB stored · 2026-11-21 04:21:17 UTC</font>',
        '<font color="comment">s3://cores/prod/web-0/core.gz</font>',
        '<font color="comment">CoreDog 0.1.0 · crash 3f2a9c01d4e5 · whoever has the link can read the memory of the process</font>',
      ].join('\n'),
    },
  })
})

it('wechat.render() sends the operator’s words and nothing else for a whole core', () => {
  const messageTemplate = '🚨 **应用崩溃告警**\n\n📥 下载: {corefile.url}\n[go]({corefile.url})\n'
  const content = contentOf(
    wechat.render(messageFor(sampleNotification(), { messageTemplate, messageLabels: {} })),
  )
  assert.equal(content, `🚨 **应用崩溃告警**\n\n📥 下载: [Download the core](${LINK})\n[go](${LINK})`)
})

it('wechat.render() puts what went wrong above the operator’s words', () => {
  const wording = { messageTemplate: '应用崩溃 {pod.name}', messageLabels: {} }
  assert.equal(
    contentOf(wechat.render(messageFor(lostNotification(), wording))),
    [
      '### <font color="warning">Crash in an unknown process, core lost</font>',
      'The core was not kept: the store refused the key',
      'Check s3AccesskeyID.',
      '应用崩溃 unknown',
    ].join('\n'),
  )
})

it('wechat.render() cuts text between characters, and keeps a link of 2 kB whole', () => {
  const link = `https://cores.example/core.gz?token=${'t'.repeat(2000)}`
  const report = { ...REPORT, pod: { namespace: 'prod', name: '崩'.repeat(300) } }
  for (const messageTemplate of [null, `${'崩溃'.repeat(1000)} {corefile.url}`]) {
    const message = messageFor(sampleNotification({ link, report }), { messageTemplate, messageLabels: {} })
    const content = contentOf(wechat.render(message))
    const bytes = Buffer.byteLength(content)
    assert.ok(bytes <= 4096 && bytes > 3400, `${bytes} bytes`)
    assert.ok(content.includes(`](${link})`))
    assert.match(content, /崩…|溃…/)
  }
})

it('wechat.render() says so when the link does not fit at all', () => {
  const link = `https://cores.example/core.gz?token=${'t'.repeat(5000)}`
  const content = contentOf(wechat.render(defaultMessage(sampleNotification({ link }))))
  assert.match(content, /download link is too long for this chat/)
  assert.match(content, /^<font color="comment">s3:\/\/cores\/prod\/web-0\/core\.gz</m)
})

verdictsOf(wechat, [
  { name: 'errcode 0', body: '{"errcode":0,"errmsg":"ok"}', kind: 'ok' },
  { name: 'errcode "0"', body: '{"errcode":"0","errmsg":"ok"}', kind: 'ok' },
  {
    name: 'a wrong key',
    body: '{"errcode":93000,"errmsg":"invalid webhook url"}',
    kind: 'failed',
    hint: /webhookurl/,
  },
  { name: 'a bad type', body: '{"errcode":40008,"errmsg":"x"}', kind: 'malformed' },
  { name: 'a text too long', body: '{"errcode":40058,"errmsg":"x"}', kind: 'malformed' },
  { name: 'too many messages', body: '{"errcode":45009,"errmsg":"api freq out of limit"}', kind: 'retry' },
  { name: 'too many at once', body: '{"errcode":45033,"errmsg":"x"}', kind: 'retry' },
  { name: 'a busy system', body: '{"errcode":-1,"errmsg":"system busy"}', kind: 'retry' },
  { name: 'an unknown code', body: '{"errcode":1,"errmsg":"odd"}', kind: 'failed', reason: /1: odd/ },
])

it('wechat.verdict() asks for a minute’s wait after too many messages', () => {
  const verdict = wechat.verdict({ status: 200, body: '{"errcode":45009,"errmsg":"x"}' })
  assert.equal(verdict.kind === 'retry' && verdict.afterSeconds, 60)
})
