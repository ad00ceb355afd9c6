import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { renderForTerminal } from '../../notify/terminal.ts'
import { inputs } from '../inputs.ts'
import { hostileNotification, lostNotification, sampleNotification } from './sample-notification.ts'

it('renderForTerminal() shows the message as a person reads it in chat', () => {
  assert.equal(
    renderForTerminal(sampleNotification({ link: 'https://cores.example/core.gz' })),
    `┃ SIGSEGV in prod/web-0 (app)
┃
┃ Pod         prod/web-0
┃ Container   app, restarted 2 times before
┃ Image       registry.example/app:1.4.2
┃ Workload    StatefulSet/web
┃ Node        node-7 (10.0.1.7)
┃ Process     /app/server, thread worker-3, pid 7
┃ Signal      SIGSEGV (SEGV_MAPERR) at address 0x0
┃ Crashed at  0x401149 in /app/server
┃ Time        2026-11-21T04:21:17Z
┃ Core        complete
┃ Size        1.2 GiB → 84 MiB
┃ Stored at   s3://cores/prod/web-0/core.gz
┃
┃ [ Download the core ]
┃ https://cores.example/core.gz
┃
┃ $ gunzip core.gz && gdb /app/server core
┃
┃ CoreDog 0.1.0 · crash 3f2a9c01d4e5 · whoever has the link can read the memory of the process
`,
  )
})

it('renderForTerminal() shows the operator’s words, below what went wrong', () => {
  const wording = { messageTemplate: '🚨 {pod.name}\nsecond line', messageLabels: {} }
  assert.equal(renderForTerminal(sampleNotification(), wording), '┃ 🚨 web-0\n┃ second line\n')
  assert.match(
    renderForTerminal(lostNotification(), wording),
    /^┃ Core lost: .*\n┃\n┃ The core was not kept: /,
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
