import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { KnownSecrets } from '../../untrusted/known-secrets.ts'
import { shownText } from '../../untrusted/shown-text.ts'
import { inputs } from '../inputs.ts'

const KEY = '-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEF\nAASCBKcwggSjAgEAAoIBAQ\n-----END KEY-----\n'

it('blank() puts a sign in the place of each value, the longest first', () => {
  const secrets = KnownSecrets.of(['hunter2hunter2', 'hunter2hunter2-and-more', 'short'])
  assert.equal(
    secrets.blank('short hunter2hunter2-and-more, hunter2hunter2 and xhunter2hunter2x'),
    'short ***, *** and x***x',
  )
})

it('blank() knows the lines of a key, and a value without the line feed that its file ends with', () => {
  const secrets = KnownSecrets.of([KEY, 'correct horse battery\n'])
  assert.equal(secrets.blank('at MIIEvQIBADANBgkqhkiG9w0BAQEF: correct horse battery!'), 'at ***: ***!')
})

it('blank() leaves no half of a value at the end of a text that was cut', () => {
  assert.equal(KnownSecrets.of(['0123456789abcdef']).blank('token 0123456789'), 'token ***')
})

it('blank() knows a value in UTF-16LE, and one whose characters are shown', () => {
  const secrets = KnownSecrets.of(['hunter2é-hunter2', 'tab\tseparated'])
  const wide = shownText(Buffer.from('<hunter2é-hunter2>', 'utf16le'))
  assert.equal(secrets.blank(wide), '<\0***\0>\0')
  assert.equal(secrets.blank('no tab\\x09separated'), 'no ***')
})

it('blank() knows a value in base64 that has more in it, and one in an address', () => {
  const secrets = KnownSecrets.of(['hunter2@hunter2'])
  const basic = Buffer.from('alice:hunter2@hunter2').toString('base64')
  assert.equal(secrets.blank(`Authorization: Basic ${basic}`), 'Authorization: Basic YWxpY2U6***')
  assert.equal(secrets.blank('postgres://alice:hunter2%40hunter2@db'), 'postgres://alice:***@db')
})

it('blank() leaves no half of a value where a text says that it was cut, as often as texts do', () => {
  const secrets = KnownSecrets.of(['0123456789abcdef'])
  assert.equal(secrets.blank('token 0123456789… (a.rs:1:1), 0123456789'), 'token ***… (a.rs:1:1), ***')
  const cuts = secrets.blank('0123456789…'.repeat(1000))
  assert.equal(cuts.split('***').length, 17)
})

it('blank() knows each value, and the lines of a key, however many lines others have', () => {
  const bundle = Array.from({ length: 1000 }, (_, line) => `certificate ${line}`.padEnd(64, '='))
  const text = 'hunter2-hunter2 MIIEvQIBADANBgkqhkiG9w0BAQEF'
  for (const values of [
    [bundle.join('\n'), 'hunter2-hunter2', KEY],
    [bundle.join('\n'), bundle.toReversed().join('\n'), KEY, 'hunter2-hunter2'],
  ])
    assert.equal(KnownSecrets.of(values).blank(text), '*** ***')
})

it('KnownSecrets have a bound, whatever they are made of', () => {
  const values = Array.from({ length: 600 }, (_, at) => `${at}${'\u{e0001}'.repeat(4096)}`)
  const before = process.memoryUsage().arrayBuffers
  const secrets = KnownSecrets.of(values)
  assert.ok(process.memoryUsage().arrayBuffers - before < 8 << 20)
  assert.equal(secrets.blank(`<${values[0]?.slice(0, 4096)}>`), '<***>')
})

it('blank() leaves nothing of any value, wherever it stands', () => {
  const value = fc
    .string({ minLength: 8, maxLength: 40, unit: 'grapheme' })
    .filter(text => text.trim() === text && !text.includes('*'))
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 5 }),
      fc.array(fc.string(), { maxLength: 5 }),
      (values, others) => {
        const text = values.flatMap((one, at) => [others[at] ?? '', one]).join(' ')
        const shown = KnownSecrets.of(values).blank(text)
        assert.ok(values.every(one => one.includes('\n') || !shown.includes(one)))
      },
    ),
    inputs(1000),
  )
})
