import assert from 'node:assert/strict'
import { it } from 'node:test'
import { feishu, feishuSign } from '../../../notify/channels/feishu.ts'
import { defaultMessage, messageFor } from '../../../notify/message.ts'
import { LINK, lostNotification, REPORT, sampleNotification } from '../sample-notification.ts'
import { verdictsOf } from './verdicts-of.ts'

it('feishu.render() makes a card with a download button', () => {
  const pod = { namespace: 'prod', name: 'web_0' }
  const report = { ...REPORT, pod, container: {}, process: {}, crash: {}, core: {}, node: {} }
  assert.deepEqual(feishu.render(defaultMessage(sampleNotification({ report }))), {
    msg_type: 'interactive',
    card: {
      config: { wide_screen_mode: true, enable_forward: true },
      header: { template: 'blue', title: { tag: 'plain_text', content: 'SIGSEGV in prod/web_0' } },
      elements: [
        { tag: 'div', text: { tag: 'plain_text', content: 'SEGV_MAPERR, 0x0' } },
        {
          tag: 'div',
          fields: [{ is_short: true, text: { tag: 'lark_md', content: '**Pod**\nweb&#95;0' } }],
        },
        { tag: 'hr' },
        {
          tag: 'action',
          actions: [
            {
              tag: 'button',
              type: 'primary',
              text: { tag: 'plain_text', content: 'Download the core' },
              url: LINK,
            },
          ],
        },
        {
          tag: 'div',
          text: {
            tag: 'plain_text',
            content: "gunzip core.gz && gdb -nx -iex 'set auto-load off' EXECUTABLE core",
          },
        },
        {
          tag: 'note',
          elements: [
            {
              tag: 'plain_text',
              content:
                '2026-11-21 04:21:17 UTC\nCoreDog 0.1.0 · crash 3f2a9c01d4e5 · whoever has the link can read the memory of the process',
            },
          ],
        },
      ],
    },
  })
})

it('feishu.render() of a lost core is red and begins with the reason', () => {
  const { card } = feishu.render(defaultMessage(lostNotification())) as {
    card: { header: unknown; elements: unknown[] }
  }
  assert.deepEqual(card.header, {
    template: 'red',
    title: { tag: 'plain_text', content: 'Crash in an unknown process, core lost' },
  })
  assert.deepEqual(card.elements[0], {
    tag: 'div',
    text: { tag: 'plain_text', content: 'The core was not kept: the store refused the key' },
  })
})

it('feishu.render() keeps the operator’s markup, and no one else’s', () => {
  const report = { ...REPORT, pod: { name: '<at id=all></at>' } }
  const wording = { messageTemplate: '<at id=all></at> **{pod.name}** {corefile.url}', messageLabels: {} }
  const { card } = feishu.render(messageFor(sampleNotification({ report }), wording)) as {
    card: { elements: unknown[] }
  }
  assert.deepEqual(card.elements, [
    {
      tag: 'div',
      text: {
        tag: 'lark_md',
        content: `<at id=all></at> **&#60;at id=all&#62;&#60;/at&#62;** [Download the core](${LINK})`,
      },
    },
  ])
})

it('feishu.renderPlain() is text', () => {
  const { content } = feishu.renderPlain(defaultMessage(sampleNotification())) as {
    content: { text: string }
  }
  assert.match(
    content.text,
    /^SIGSEGV in prod\/web \(app\)\nSEGV_MAPERR, 0x0\n· server \+ 0x401149\nPod: web-0, /,
  )
  assert.ok(content.text.includes(`\nDownload the core: ${LINK}\n`))
})

it('feishuSign() makes the signature that Feishu expects', () => {
  assert.equal(feishuSign('1599360473', 'demo-secret'), '3/MaVZ8JLIy4TUG+7KSFJqvUkTKd+HWY8g+56DZWq8s=')
})

it('feishu.sign() puts the time in seconds and the signature into the body', () => {
  const request = { url: 'https://feishu.example/hook', body: { msg_type: 'text' } }
  assert.deepEqual(feishu.sign?.(request, 'demo-secret', new Date(1599360473999)), {
    url: 'https://feishu.example/hook',
    body: {
      timestamp: '1599360473',
      sign: '3/MaVZ8JLIy4TUG+7KSFJqvUkTKd+HWY8g+56DZWq8s=',
      msg_type: 'text',
    },
  })
})

verdictsOf(feishu, [
  {
    name: 'code 0',
    body: '{"StatusCode":0,"StatusMessage":"success","code":0,"data":{},"msg":"success"}',
    kind: 'ok',
  },
  { name: 'the StatusCode 0 of an old bot', body: '{"StatusCode":0,"StatusMessage":"success"}', kind: 'ok' },
  {
    name: 'a bad body',
    body: '{"code":9499,"msg":"Bad Request"}',
    kind: 'malformed',
    reason: /malformed.*9499/,
  },
  { name: 'an unknown type', body: '{"code":10208,"msg":"x"}', kind: 'malformed' },
  { name: 'a bad card', body: '{"code":11246,"msg":"x"}', kind: 'malformed' },
  { name: 'a bad card by another code', body: '{"code":230099,"msg":"x"}', kind: 'malformed' },
  {
    name: 'too many messages',
    body: '{"code":11232,"msg":"frequency limited"}',
    kind: 'retry',
    reason: /too many/,
  },
  { name: 'a wrong token', body: '{"code":19001,"msg":"x"}', kind: 'failed', hint: /webhookurl/ },
  { name: 'a wrong signature', body: '{"code":19021,"msg":"x"}', kind: 'failed', hint: /secret.*clock/ },
  { name: 'a forbidden address', body: '{"code":19022,"msg":"x"}', kind: 'failed', hint: /IP list/ },
  {
    name: 'a missing keyword',
    body: '{"code":19024,"msg":"x"}',
    kind: 'failed',
    hint: /keywords of the bot/,
  },
  { name: 'an unknown code', body: '{"code":77,"msg":"odd"}', kind: 'failed', reason: /77: odd/ },
  { name: 'no code', body: '{}', kind: 'failed' },
])
