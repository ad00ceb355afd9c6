import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseConfig } from '../../../config/parse-config.ts'

function parse(text: string, secrets = '') {
  const { config, warnings } = parseConfig(
    `StorageConfig: {protocol: cfs, CFSMountPath: /mnt}\ndestinations: {alertmanager: {${text}}}`,
    { secrets },
  )
  return { receivers: config.receivers, warnings: warnings.map(({ message }) => message) }
}

it('destinations.alertmanager has each address told, by its API, below the path that it is served at', () => {
  const { receivers } = parse(
    'urls: [https://a.example, https://b.example/alertmanager/, https://c.example/api/v2/alerts], labels: {team: dogs}',
  )
  assert.deepEqual(
    receivers.map(({ url }) => url),
    [
      'https://a.example/api/v2/alerts',
      'https://b.example/alertmanager/api/v2/alerts',
      'https://c.example/api/v2/alerts',
    ],
  )
  const [one] = receivers
  assert.deepEqual(one?.kind === 'alertmanager' && [one.labels, one.resolveAfterSeconds], [
    { team: 'dogs' },
    900,
  ])
})

it('destinations.alertmanager may have its addresses and headers in the secrets', () => {
  const secrets =
    'destinations: {alertmanager: {urls: ["https://dog:pw@a.example"], headers: {X-Scope-OrgID: shop}}}'
  const { receivers } = parse('labels: {severity: page}', secrets)
  assert.deepEqual(
    receivers.map(({ url, headers }) => [url, headers]),
    [['https://dog:pw@a.example/api/v2/alerts', { 'x-scope-orgid': 'shop' }]],
  )
})

it('destinations.alertmanager warns of labels that nobody is told', () => {
  assert.match(parse('labels: {severity: page}').warnings.join(), /urls is not set/)
})

for (const [what, text, message] of [
  ['an alert that ends before it is renewed', 'resolveAfter: 2m', /shorter than 3m/],
  ['a label that CoreDog sets', 'labels: {namespace: x}', /has namespace, which CoreDog sets itself/],
  ['a label that is none', 'labels: {"my team": x}', /a name that is none of a label/],
] as const)
  it(`destinations.alertmanager refuses ${what}`, () => {
    assert.throws(() => parse(`urls: ["https://a.example"], ${text}`), message)
  })

it('destinations.alertmanager keeps what stands behind a ?, and takes /api/v2 for its API', () => {
  const { receivers } = parse(
    'urls: ["https://a.example/am?token=of-a-gateway", "https://b.example/api/v2/"]',
  )
  assert.deepEqual(
    receivers.map(({ url }) => url),
    ['https://a.example/am/api/v2/alerts?token=of-a-gateway', 'https://b.example/api/v2/alerts'],
  )
})

it('destinations.alertmanager refuses the address of a page of its, and does not show it', () => {
  assert.throws(
    () => parse('urls: ["https://a.example/#/alerts"]'),
    (error: Error) => /with a #/.test(error.message) && !error.message.includes('a.example'),
  )
})
