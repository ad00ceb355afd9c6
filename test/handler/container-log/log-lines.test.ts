import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import type { LogLine } from '../../../crash/log-text.ts'
import { logLinesOf } from '../../../handler/container-log/log-lines.ts'
import { inputs } from '../../inputs.ts'

const AT = '2026-01-01T00:00:00.000000001Z'

function linesIn(text: string | Buffer, isWhole = true): readonly LogLine[] {
  return logLinesOf({ bytes: Buffer.from(text), isWhole })
}

function textsIn(text: string | Buffer, isWhole = true): readonly string[] {
  return linesIn(text, isWhole).map(line => line.text)
}

function docker(log: string, stream = 'stderr'): string {
  return `${JSON.stringify({ log, stream, time: AT })}\n`
}

it('logLinesOf() has the lines of the CRI’s format', () => {
  const lines = linesIn(`${AT} stdout F a line\n2026-01-01T08:00:00.5+08:00 stderr F   two  blanks\n`)
  assert.deepEqual(lines, [
    { time: AT, stream: 'stdout', text: 'a line' },
    { time: '2026-01-01T08:00:00.5+08:00', stream: 'stderr', text: '  two  blanks' },
  ])
})

it('logLinesOf() has the lines of Docker’s json-file', () => {
  assert.deepEqual(linesIn(docker('a "line"\n')), [{ time: AT, stream: 'stderr', text: 'a "line"' }])
})

it('logLinesOf() joins what a runtime wrote in pieces, of each stream by itself', () => {
  const cri = [`stdout P one `, `stderr P other `, `stdout P:x 1 `, `stdout F end`, `stderr F end`]
  assert.deepEqual(textsIn(cri.map(rest => `${AT} ${rest}\n`).join('')), ['one 1 end', 'other end'])
  assert.deepEqual(textsIn(docker('one ') + docker('line\n')), ['one line'])
})

it('logLinesOf() has a character that is divided between two pieces', () => {
  const [first, second] = [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)]
  const pieces = [`${AT} stdout P `, first, `\n${AT} stdout F `, second, '\n'].map(part => Buffer.from(part))
  assert.deepEqual(textsIn(Buffer.concat(pieces)), ['é'])
})

it('logLinesOf() has the beginning of a line that was being written', () => {
  assert.deepEqual(textsIn(`${AT} stderr F whole\n${AT} stderr P begun`), ['whole', 'begun'])
  assert.deepEqual(textsIn(`${AT} stderr F whole\n${AT} std`), ['whole'])
})

it('logLinesOf() leaves out a line without its beginning, of either stream', () => {
  const tail = [
    'the end of a secret',
    ...['stdout F half', 'stderr F half', 'stdout F whole', 'stderr F whole'].map(rest => `${AT} ${rest}`),
  ]
  assert.deepEqual(textsIn(tail.join('\n'), false), ['whole', 'whole'])
  assert.deepEqual(textsIn('no end', false), [])
})

it('logLinesOf() has nothing of a file that is no log: a link may lead to any', () => {
  const others = [
    'root:$6$salt$hash:19000:0:99999:7:::\n',
    '-----BEGIN PRIVATE KEY-----\nMIIEvQ\n',
    '{"auths":{"registry.example":{"auth":"dXNlcg=="}}}\n',
    `{"log":"x\\n","stream":"stdin","time":"${AT}"}\n`,
    '{"log":"x\\n","stream":"stdout","time":"today"}\n',
    `${AT} stdin F x\n${AT} stdout X x\nyesterday stdout F x\n`,
    `${AT} stdout F\n`,
  ]
  for (const text of others) assert.deepEqual(textsIn(text), [], text)
})

it('logLinesOf() takes colours out, and shows bytes that are no UTF-8', () => {
  assert.deepEqual(textsIn(`${AT} stderr F \u001b[1;31mred\u001b[0m\n`), ['red'])
  assert.deepEqual(textsIn(Buffer.from(`${AT} stderr F \xff\n`, 'latin1')), ['\\xff'])
})

it('logLinesOf() takes any bytes', () => {
  const heads = fc.constantFrom(`${AT} stdout F `, `${AT} stderr P `, '{"log":"', `","time":"${AT}"}`, '\n')
  const pieces = fc.oneof(
    heads.map(head => Buffer.from(head)),
    fc.uint8Array({ maxLength: 40 }).map(Buffer.from),
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), fc.boolean(), (parts, isWhole) => {
      const bytes = Buffer.concat(parts)
      for (const { text } of logLinesOf({ bytes, isWhole }))
        assert.ok(!text.includes('\n') || bytes.includes('{'))
    }),
    inputs(500),
  )
})
