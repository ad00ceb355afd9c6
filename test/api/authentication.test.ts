import assert from 'node:assert/strict'
import { it } from 'node:test'
import { pino } from 'pino'
import { Authentication } from '../../api/authentication.ts'
import { frontProxySettings } from '../../api/identity-headers.ts'
import { KubeClient } from '../../kube/client.ts'
import { startFakeKube } from '../fakes/fake-kube.ts'
import { PUBLISHED, pem } from './front-proxy.ts'

const metadata = { namespace: 'kube-system', name: 'extension-apiserver-authentication' }

it('the ConfigMap of the API server is followed, through its rotation', async t => {
  const fake = await startFakeKube({ objects: [{ kind: 'ConfigMap', metadata, data: PUBLISHED } as object] })
  t.after(() => fake.close())
  const kube = new KubeClient(fake.access)
  t.after(() => kube.close())
  const told: string[] = []
  const ending = new AbortController()
  const authentication = new Authentication(pino({ enabled: false }), authorities => {
    if (told.push(authorities) === 2) ending.abort()
  })
  const following = authentication.follow(kube, ending.signal)
  await fake.watched(1)
  const rotated = { ...PUBLISHED, 'requestheader-client-ca-file': pem('other-ca') }
  fake.put({ kind: 'ConfigMap', metadata, data: rotated } as object)
  await following
  assert.deepEqual(
    told.map(one => one.trim()),
    [pem('ca').trim(), pem('other-ca').trim()],
  )
})

const REFUSED: Record<string, object> = {
  'no authority': { 'requestheader-client-ca-file': '' },
  'an authority that is none': { 'requestheader-client-ca-file': 'x' },
  'names that are no list': { 'requestheader-allowed-names': '"front-proxy-client"' },
  'names that are no JSON': { 'requestheader-allowed-names': '[' },
  'numbers for names': { 'requestheader-allowed-names': '[1]' },
  'no header for the name': { 'requestheader-username-headers': '' },
  'too many headers': { 'requestheader-group-headers': JSON.stringify(Array(101).fill('x')) },
}

for (const [what, data] of Object.entries(REFUSED))
  it(`a ConfigMap with ${what} is refused`, () => {
    assert.throws(() => frontProxySettings({ ...PUBLISHED, ...data }), /requestheader-/)
  })

it('a cluster without UIDs in headers has none', () => {
  const { 'requestheader-uid-headers': _, ...older } = PUBLISHED
  assert.deepEqual(frontProxySettings(older).headers.uid, [])
})
