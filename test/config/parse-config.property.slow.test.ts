import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { KEYS } from '../../config/keys.ts'
import { parseConfig } from '../../config/parse-config.ts'
import { OperatorError } from '../../crash/errors.ts'
import { anyCharacter } from '../any-character.ts'
import { inputs } from '../inputs.ts'

const FIXTURES = path.resolve(import.meta.dirname, '../fixtures/config')
const fixtures = readdirSync(FIXTURES)
  .filter(name => name.endsWith('.yaml'))
  .map(name => readFileSync(path.join(FIXTURES, name), 'utf8'))

/** All that a person gets to read of parsing `text`. */
function told(text: string, secrets?: string): string {
  try {
    const { warnings } = parseConfig(text, secrets === undefined ? {} : { secrets })
    return JSON.stringify(warnings)
  } catch (error) {
    assert.ok(error instanceof OperatorError, `${text}: ${error instanceof Error ? error.stack : error}`)
    assert.equal(error.cause, undefined)
    assert.match(error.message, /^Cannot use "[^"]+": [^\n]+$/)
    assert.match(error.hint, /^[A-Z][^\n]+\.$/)
    return error.message + error.hint
  }
}

/**
 * What a slip of the hand does to a text: `kept` of it stays, and `typed` comes instead of some characters.
 */
interface Slip {
  readonly at: number
  readonly lost: number
  readonly typed: string
}

const slip: fc.Arbitrary<Slip> = fc.record({
  at: fc.nat(),
  lost: fc.nat({ max: 3 }),
  typed: fc.constantFrom(
    '',
    '',
    ' ',
    '  ',
    '\n',
    '\t',
    '"',
    "'",
    ':',
    ': ',
    '- ',
    '*',
    '&',
    '!',
    '|',
    '{',
    '[',
    '#',
    '@',
    'x',
    '\0',
  ),
})

function afterSlip(text: string, { at, lost, typed }: Slip): string {
  const start = at % (text.length + 1)
  return text.slice(0, start) + typed + text.slice(start + lost)
}

const value = fc.oneof(
  fc.constantFrom('', null, true, 'yes', 0, -1, 1e308, '64Gi', '5m', '15%', 's3', 'http://h', '__proto__'),
  fc.string(),
  fc.jsonValue({ maxDepth: 3 }),
)

/** A mapping of known keys, and some that are not, to whatever. */
function anyOf(keys: object): fc.Arbitrary<object> {
  return fc.dictionary(fc.oneof(fc.constantFrom(...Object.keys(keys)), fc.string()), value)
}

const known = fc.record(
  Object.fromEntries(
    Object.entries(KEYS.keys).map(([name, declaration]) => {
      if (declaration.kind === 'section') return [name, fc.oneof(anyOf(declaration.keys), value)]
      if (declaration.kind === 'sections')
        return [name, fc.oneof(fc.array(fc.oneof(anyOf(declaration.item.keys), value)), value)]
      return [name, value]
    }),
  ),
  { requiredKeys: [] },
)

it('parseConfig() throws nothing but an OperatorError, whatever the text', () => {
  const yamlish = fc.stringMatching(/^[-a-c:,[\]{}&*!|>'"%@#? \n\t]{0,60}$/)
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: anyCharacter }), yamlish), text => void told(text)),
    inputs(2000),
  )
})

it('parseConfig() throws nothing but an OperatorError, whatever the values', () => {
  fc.assert(
    fc.property(known, known, (text, secrets) => void told(stringify(text), stringify(secrets))),
    inputs(500),
  )
})

it('parseConfig() throws nothing but an OperatorError after slips of the hand', () => {
  const slips = fc.array(slip, { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(fc.constantFrom(...fixtures), slips, (text, all) => void told(all.reduce(afterSlip, text))),
    inputs(1000),
  )
})

const SECRET = 'hunter2hunter2'

const withSecrets = `gc_type: rm
StorageConfig:
  protocol: s3
  s3AccesskeyID: ${SECRET}
  s3SecretAccessKey: "${SECRET}"
  sessionToken: '${SECRET}'
  s3Region: eu-central-1
  S3Bucket: crashes
  S3Endpoint: https://minio.example.com
  PresignedURLExpireSeconds: 3600
NoticeChannel:
  - chan: feishu
    webhookurl: https://open.feishu.cn/open-apis/bot/v2/hook/${SECRET}
    secret: ${SECRET}
    keyword: production
CoreSight:
  enabled: true
  apiUrl: https://user:${SECRET}@coresight/?key=${SECRET}
  natsUrl: nats://${SECRET}@coresight
  token: |
    ${SECRET}
gc: true
`

it('parseConfig() shows no secret after a slip of the hand, wherever it was', () => {
  const { warnings } = parseConfig(withSecrets)
  assert.deepEqual(
    warnings.map(({ key }) => key),
    ['CoreSight.natsUrl', 'gc'],
  )
  fc.assert(
    fc.property(slip, fc.boolean(), (one, inSecrets) => {
      const text = afterSlip(withSecrets, one)
      const shown = inSecrets ? told('gc: true', text) : told(text)
      assert.ok(!shown.includes(SECRET.slice(2, -2)), `${text}\n${shown}`)
    }),
    inputs(1500),
  )
})

it('parseConfig() shows no secret value, whatever it is', () => {
  const secret = fc.oneof(fc.string(), fc.jsonValue({ maxDepth: 1 }), fc.string({ unit: anyCharacter }))
  fc.assert(
    fc.property(secret, secret, fc.constantFrom('slack', 'feishu'), (a, b, chan) => {
      const mark = (value: unknown) => (typeof value === 'object' ? [SECRET, value] : `${SECRET}${value}`)
      const text = stringify({
        StorageConfig: { S3Bucket: 'b', s3Region: 'r', s3AccesskeyID: mark(a), sessionToken: mark(b) },
        NoticeChannel: [{ chan, webhookurl: mark(a), secret: mark(b) }],
        CoreSight: { enabled: true, apiUrl: mark(b), natsUrl: mark(a), token: mark(a) },
      })
      const shown = told(text)
      assert.ok(!shown.includes(SECRET), `${text}\n${shown}`)
    }),
    inputs(),
  )
})
