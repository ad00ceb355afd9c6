import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Channel } from '../../../notify/channels/channel.ts'
import type { Verdict } from '../../../notify/verdict.ts'

interface Case {
  readonly name: string
  /** Default: 200, because that is what says nothing. */
  readonly status?: number
  readonly body: string
  readonly kind: Verdict['kind']
  readonly reason?: RegExp
  readonly hint?: RegExp
}

/** What every chat may answer, or something between it and us. */
const ANYWHERE: readonly Case[] = [
  { name: 'an outage', status: 502, body: '<html>Bad Gateway</html>', kind: 'retry', reason: /HTTP 502/ },
  { name: 'HTTP 429', status: 429, body: '', kind: 'retry', reason: /too many/ },
  { name: 'a redirect', status: 302, body: '', kind: 'failed', reason: /redirects/ },
  { name: 'a proxy’s page', body: '<html>Please log in</html>', kind: 'failed', hint: /webhookurl/ },
  { name: 'a wrong path', status: 404, body: 'not found', kind: 'failed', reason: /HTTP 404/ },
  { name: 'nothing', body: '', kind: 'failed' },
  { name: 'null', body: 'null', kind: 'failed' },
  { name: 'JSON of another shape', body: '[1]', kind: 'failed' },
  {
    name: 'a code that every object has',
    body: '{"code":"constructor","errcode":"constructor"}',
    kind: 'failed',
  },
  ...['code', 'errcode', 'message', 'retry_after', 'description', 'error'].map(
    field =>
      ({
        name: `objects that are no text, in ${field}`,
        body: `{"${field}":{"toString":1,"valueOf":1},"code":1,"errcode":1,"ok":false}`,
        kind: 'failed',
      }) as const,
  ),
]

/** One test for each answer of `cases`, and for those that any chat may give. */
export function verdictsOf(channel: Channel, cases: readonly Case[]): void {
  for (const { name, status = 200, body, kind, reason, hint } of [...cases, ...ANYWHERE]) {
    it(`${channel.kind}.verdict() takes ${name} for ${kind}`, () => {
      const verdict = channel.verdict({ status, body })
      assert.equal(verdict.kind, kind)
      if (verdict.kind === 'ok') return
      assert.match(verdict.reason, reason ?? /./)
      assert.match(verdict.hint, hint ?? /^[A-Z].*\.$/)
    })
  }
}
