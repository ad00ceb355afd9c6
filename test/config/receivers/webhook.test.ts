import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseConfig } from '../../../config/parse-config.ts'

function parse(written: string, secrets = '') {
  return parseConfig(
    `StorageConfig: {protocol: cfs, CFSMountPath: /mnt}\ndestinations: {webhook: ${written}}`,
    { secrets },
  )
}

it('destinations.webhook gets its secrets item by item from the file of secrets', () => {
  const secrets =
    'destinations: {webhook: [{}, {secret: of-at-least-sixteen, headers: {Authorization: Bearer x}}]}'
  const { config } = parse(
    '[{url: "https://a.example"}, {url: "https://b.example", headers: {X-Team: dogs}}]',
    secrets,
  )
  assert.deepEqual(
    config.receivers.map(receiver => receiver.kind === 'webhook' && [receiver.secret, receiver.headers]),
    [
      [null, {}],
      ['of-at-least-sixteen', { authorization: 'Bearer x', 'x-team': 'dogs' }],
    ],
  )
})

it('destinations.webhook refuses a secret that can be guessed, and does not show it', () => {
  const short = () => parse('[{url: "https://a.example", secret: guess-me}]')
  assert.throws(
    short,
    (error: Error) => /less than 16/.test(error.message) && !error.message.includes('guess-me'),
  )
})

it('destinations.webhook warns of an address that stands there twice', () => {
  const { warnings } = parse('[{url: "https://a.example"}, {url: "https://a.example"}]')
  assert.match(warnings[0]?.message ?? '', /has an address twice/)
})

for (const secret of ['whsec_!!!!!!!!!!!!!!!!', 'whsec_aGVsbG8xMjM=', 'whsec_<paste the secret here>'])
  it(`destinations.webhook refuses ${secret}: little or nothing of it would be the key`, () => {
    assert.throws(
      () => parse(`[{url: "https://a.example", secret: "${secret}"}]`),
      (error: Error) => /not base64 of 16 bytes/.test(error.message) && !error.message.includes(secret),
    )
  })

it('destinations.webhook takes the secret of docs/destinations.md', () => {
  const { config } = parse('[{url: "https://a.example", secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}]')
  assert.equal(config.receivers.length, 1)
})
