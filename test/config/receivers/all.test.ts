import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseConfig } from '../../../config/parse-config.ts'
import { RECEIVER_KINDS, type ReceiverKind } from '../../../config/receivers/all.ts'
import { SAMPLES, writtenOf } from '../../notify/receivers/samples.ts'

function parse(kind: ReceiverKind, url: string, more: string, secrets?: string) {
  return parseConfig(
    `StorageConfig: {protocol: cfs, CFSMountPath: /mnt}\ndestinations: {${kind}: ${writtenOf(kind, url, more)}}`,
    secrets === undefined ? {} : { secrets },
  )
}

for (const kind of RECEIVER_KINDS) {
  describe(`destinations.${kind}`, () => {
    it('is read, with headers and files', () => {
      const { config, warnings } = parse(
        kind,
        'https://told.example/x',
        'headers: {X-Team: dogs}, certFile: /tls/tls.crt, keyFile: /tls/tls.key',
      )
      const [receiver] = config.receivers
      assert.deepEqual(warnings, [])
      assert.deepEqual(
        [receiver?.kind, receiver?.headers, receiver?.certificate],
        [kind, { 'x-team': 'dogs' }, { certFile: '/tls/tls.crt', keyFile: '/tls/tls.key' }],
      )
    })

    for (const [what, url, more, message] of [
      ...(SAMPLES[kind].mayHaveNoAddress ? [] : [['no address', '', 'headers: {}', /url/i] as const]),
      ['an address that is none', 'told.example', 'headers: {}', /http:\/\/ or https:\/\//],
      ['a password that is cut', 'https://dog:50%@told.example', 'headers: {}', /http:\/\/ or https:\/\//],
      ['half a certificate', 'https://told.example', 'certFile: /tls/tls.crt', /keyFile is not set/],
      [
        'a path that begins nowhere',
        'https://told.example',
        'certFile: tls.crt, keyFile: /k',
        /begins with \//,
      ],
      ['a header that is none', 'https://told.example', 'headers: {"X Team": dogs}', /a name that is none/],
      [
        'a header with a line of its own',
        'https://told.example',
        'headers: {a: "b\\nc: d"}',
        /no header can have/,
      ],
      ['a header of ours', 'https://told.example', 'headers: {Content-Type: x}', /CoreDog's own/],
      ['a header of the connection', 'https://told.example', 'headers: {Keep-Alive: x}', /CoreDog's own/],
    ] as const)
      it(`is refused with ${what}, and no value of it is shown`, () => {
        assert.throws(
          () => parse(kind, url, more),
          (error: Error) => message.test(error.message) && !error.message.includes('told.example'),
        )
      })

    it('warns of http:// over a network that others read', () => {
      assert.match(parse(kind, 'http://told.example', 'headers: {}').warnings[0]?.message ?? '', /http:\/\//)
      assert.deepEqual(parse(kind, 'http://told.monitoring.svc:80', 'headers: {}').warnings, [])
    })
  })
}

it('a key of another program is named together with the one that is missing', () => {
  const parsed = (destinations: string) => () =>
    parseConfig(`StorageConfig: {protocol: cfs, CFSMountPath: /mnt}\ndestinations: {${destinations}}`)
  const message = (missing: string, foreign: string) =>
    new RegExp(
      `${missing} is not set.*there is "${foreign}", which is not a key of CoreDog`.replaceAll('[', '\\['),
    )
  assert.throws(
    parsed('sentry: [{url: "https://key@told.example/1"}]'),
    message('destinations.sentry[0].dsn', 'destinations.sentry[0].url'),
  )
  assert.throws(
    parsed('openTelemetry: [{url: "https://told.example"}, {endpoint: "https://told.example"}]'),
    message('destinations.openTelemetry[1].url', 'destinations.openTelemetry[1].endpoint'),
  )
  // What is set is not to be mistaken for what is missing.
  assert.throws(
    parsed('webhook: [{url: told.example, adress: ""}]'),
    (error: Error) => error.message.includes('webhook[0].url') && !error.message.includes('adress'),
  )
})
