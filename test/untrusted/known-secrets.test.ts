import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { KnownSecrets, secretsInEnvironment } from '../../untrusted/known-secrets.ts'
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

it('secretsInEnvironment() has the values of names that say so', () => {
  const environment = [
    'PATH=/bin',
    'PWD=/srv/shop',
    'OLDPWD=/srv/shop',
    'DB_PWD=p',
    'DB_PASSWORD=a=b',
    'API_KEY=k',
    '=x',
    'TOKEN_FILE=/run/t',
    'EMPTY_TOKEN=',
    'DATABASE_URL=postgres://app:p%40ssw0rd1@db/shop',
  ].join('\0')
  assert.deepEqual([...secretsInEnvironment(environment)], ['p', 'a=b', 'k', '', 'p%40ssw0rd1', 'p@ssw0rd1'])
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
