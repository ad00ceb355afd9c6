import assert from 'node:assert/strict'
import { it } from 'node:test'
import pino from 'pino'
import type { Note } from '../../../notify/note.ts'
import type { Delivery } from '../../../notify/notification.ts'
import { UnreadPods } from '../../../webhook/admission/unread-pods.ts'

const MINUTE = 60_000

it('report() tells people in the words of the original, at most once in ten minutes, with a count (A40)', () => {
  const { unread, notes, clock } = watched(async () => [])
  for (let minute = 0; minute < 12; minute += 1) {
    clock.now = minute * MINUTE
    unread.report(`shop/web-${minute}`, 'spec is not an object')
  }
  const lines = ['错误: spec is not an object', '影响: Pod 将正常创建，但不会自动注入 corefile 卷']
  const title = '⚠️ CoreDog Webhook 解析失败'
  assert.deepEqual(notes, [
    { tone: 'orange', title, lines: ['Pod: shop/web-0', ...lines] },
    { tone: 'orange', title, lines: ['Pod: shop/web-10', ...lines, '此前未通知: 9 个 Pod'] },
  ])
})

it('report() logs a channel that failed, and survives whatever goes wrong there', async () => {
  const failed = { channel: 'slack#1', outcome: 'failed', reason: 'HTTP 500' } as const
  const cases: [() => Promise<readonly Delivery[]>, string][] = [
    [async () => [failed], 'HTTP 500'],
    [() => Promise.reject(new Error('no way')), 'no way'],
  ]
  for (const [say, reason] of cases) {
    const { unread, logged } = watched(say)
    unread.report('shop/web', 'no pod')
    assert.equal((await logged).reason, reason)
  }
})

function watched(say: () => Promise<readonly Delivery[]>) {
  const notes: Note[] = []
  const clock = { now: 0 }
  const { promise: logged, resolve } = Promise.withResolvers<{ reason: string }>()
  const log = pino({}, { write: (line: string) => resolve(JSON.parse(line)) })
  const heard = (note: Note) => {
    notes.push(note)
    return say()
  }
  return { unread: new UnreadPods(heard, log, () => clock.now), notes, clock, logged }
}
