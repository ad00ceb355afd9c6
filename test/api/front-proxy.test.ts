import assert from 'node:assert/strict'
import { once } from 'node:events'
import { it } from 'node:test'
import { connect, type TLSSocket } from 'node:tls'
import { type Asked, PUBLISHED, pem, startApi } from './front-proxy.ts'

const CORE = '/apis/coredog.io/v1alpha1/namespaces/shop/coredumps/x'

it('a user is who the front proxy says: name, UID, groups, and extra with its escapes', async t => {
  const { ask } = await startApi(t)
  const { json } = await ask({
    path: CORE,
    headers: {
      'X-Remote-User': Buffer.from('jörg').toString('latin1'),
      'X-Remote-Uid': 'u-1',
      'X-Remote-Group': ['a, b', 'system:authenticated'],
      'X-Remote-Extra-scopes.example%2Fone': ['x', 'y'],
      'X-Remote-Extra-%zz': 'z',
    },
  })
  assert.deepEqual(json.user, {
    name: 'jörg',
    uid: 'u-1',
    groups: ['a, b', 'system:authenticated'],
    extra: { 'scopes.example/one': ['x', 'y'], '%zz': ['z'] },
  })
})

const STRANGERS: Record<string, Asked['as']> = {
  'without a certificate': null,
  'of another authority': 'stranger',
  'of another name': 'wrong-name',
  'for servers': 'server-only',
}

for (const [what, as] of Object.entries(STRANGERS)) {
  it(`headers of a client with a certificate ${what} count for nothing`, async t => {
    const { ask, lines } = await startApi(t)
    const { code, json, headers } = await ask({ path: CORE, as: as ?? null })
    assert.deepEqual([code, json.kind, json.reason], [401, 'Status', 'Unauthorized'])
    assert.equal(headers.connection, 'close')
    assert.ok(!JSON.stringify(lines).includes('jane'))
    assert.equal((await ask({ path: CORE })).code, 200)
  })
}

it('without a name in its headers nobody is asking', async t => {
  const { ask } = await startApi(t)
  assert.equal((await ask({ path: CORE, headers: { 'x-remote-user': '' } })).code, 401)
})

it('any name will do where none is named, and still of this authority alone', async t => {
  const published = { ...PUBLISHED, 'requestheader-allowed-names': '[]' }
  const { ask } = await startApi(t, undefined, { published })
  assert.equal((await ask({ path: CORE, as: 'wrong-name' })).code, 200)
  assert.equal((await ask({ path: CORE, as: 'stranger' })).code, 401)
  assert.equal((await ask({ path: CORE, as: null })).code, 401)
})

it('nobody is believed before the ConfigMap is known, nor what it says when it cannot be used', async t => {
  const { ask, authentication, lines } = await startApi(t, undefined, { published: null })
  assert.equal((await ask({ path: CORE })).code, 401)
  for (const data of [{}, { ...PUBLISHED, 'requestheader-allowed-names': '"x"' }]) authentication.take(data)
  assert.equal((await ask({ path: CORE })).code, 401)
  assert.equal(lines.filter(({ msg }) => msg === 'authentication refused').length, 2)
  authentication.take(PUBLISHED)
  authentication.take({})
  assert.equal((await ask({ path: CORE })).code, 200)
})

it('other headers, and another authority, count from when they are published, for open connections too', async t => {
  const { authentication, port } = await startApi(t)
  const socket = await connected(port)
  assert.match(await said(socket, CORE), /^HTTP\/1.1 200 /)
  authentication.take({ ...PUBLISHED, 'requestheader-client-ca-file': pem('other-ca') })
  assert.match(await said(socket, CORE), /^HTTP\/1.1 401 /)
})

it('a session that is resumed without a certificate is nobody, whatever Node says of it', async t => {
  const published = { ...PUBLISHED, 'requestheader-allowed-names': '[]' }
  const { port } = await startApi(t, undefined, { published })
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const first = connect({ ...TO, port, maxVersion })
    const [session] = await Promise.all([once(first, 'session'), said(first, CORE)])
    first.destroy()
    const again = connect({ ...TO, port, maxVersion, session: session[0] })
    await once(again, 'secureConnect')
    assert.equal(again.isSessionReused(), true)
    assert.match(await said(again, CORE), /^HTTP\/1.1 401 /)
    again.destroy()
  }
})

const TO = { host: '127.0.0.1', rejectUnauthorized: false }

async function connected(port: number): Promise<TLSSocket> {
  const socket = connect({ ...TO, port, cert: pem('client'), key: pem('client-key') })
  await once(socket, 'secureConnect')
  return socket
}

async function said(socket: TLSSocket, path: string): Promise<string> {
  socket.write(`GET ${path} HTTP/1.1\r\nhost: a\r\nx-remote-user: jane\r\n\r\n`)
  const [answer] = await once(socket, 'data')
  return String(answer)
}
