import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { renderForTerminal } from '../../notify/terminal.ts'
import { inputs } from '../inputs.ts'
import { hostileNotification, lostNotification, sampleNotification } from './sample-notification.ts'

it('renderForTerminal() shows the message as a person reads it in chat', () => {
  assert.equal(
    renderForTerminal(sampleNotification({ link: 'https://cores.example/core.gz' })),
    `┃ SIGSEGV in prod/web (app)
┃
┃ SEGV_MAPERR, 0x0
┃
┃ · server + 0x401149
┃
┃ Pod      web-0, restarted 2 times before
┃ Program  /app/server
┃ Node     node-7 (10.0.1.7)
┃ Image    registry.example/app:1.4.2
┃
┃ [ Download the core ]
┃ https://cores.example/core.gz
┃
┃ $ gunzip core.gz && gdb -nx -iex 'set auto-load off' /app/server core
┃
┃ core of 1.2 GiB, 84 MiB stored · 2026-11-21 04:21:17 UTC
┃ s3://cores/prod/web-0/core.gz
┃ CoreDog 0.1.0 · crash 3f2a9c01d4e5 · whoever has the link can read the memory of the process
`,
  )
})

it('renderForTerminal() shows the operator’s words, below what went wrong', () => {
  const wording = { messageTemplate: '🚨 {pod.name}\nsecond line', messageLabels: {} }
  assert.equal(renderForTerminal(sampleNotification(), wording), '┃ 🚨 web-0\n┃ second line\n')
  assert.match(
    renderForTerminal(lostNotification(), wording),
    /^┃ .*, core lost\n┃\n┃ The core was not kept: /,
  )
})

it('renderForTerminal() sends the terminal no control character but newlines', () => {
  fc.assert(
    fc.property(hostileNotification, notification => {
      const text = renderForTerminal(notification)
      assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
      for (const line of text.trimEnd().split('\n')) assert.match(line, /^┃/)
    }),
    inputs(60),
  )
})
