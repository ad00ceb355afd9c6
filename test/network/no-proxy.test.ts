import assert from 'node:assert/strict'
import { it } from 'node:test'
import { goesDirectly } from '../../network/no-proxy.ts'

const cases: [string, readonly string[], boolean][] = [
  ['https://store.example/', [], false],
  ['https://store.example/', ['*'], true],
  ['https://store.example/', ['store.example'], true],
  ['https://STORE.example./', ['Store.Example'], true],
  ['https://bucket.store.example/', ['store.example'], true],
  ['https://notstore.example/', ['store.example'], false],
  ['https://store.example/', ['.store.example'], false],
  ['https://bucket.store.example/', ['.store.example'], true],
  ['https://bucket.store.example/', ['*.store.example'], true],
  ['https://store.example/', ['store.example:443'], true],
  ['https://store.example:9000/', ['store.example:443'], false],
  ['http://store.example/', ['store.example:80'], true],
  ['https://10.1.2.3/', ['10.0.0.0/8'], true],
  ['https://11.1.2.3/', ['10.0.0.0/8'], false],
  ['https://10.1.2.3/', ['10.1.2.3'], true],
  ['https://10.1.2.3:9000/', ['10.1.2.3:9000'], true],
  ['https://10.1.2.3/', ['10.1.2.3/99'], false],
  ['https://10.1.2.3/', ['2.3'], false],
  ['https://[fd00::7]/', ['fd00::/8'], true],
  ['https://[fd00::7]:9000/', ['[fd00::7]:9000'], true],
  ['https://[fe00::7]/', ['fd00::/8'], false],
  ['https://[fd00::7]/', ['[fd00::]/8'], true],
  ['https://[::ffff:10.1.2.3]/', ['10.0.0.0/8'], true],
  ['https://[::ffff:11.1.2.3]/', ['10.0.0.0/8'], false],
  ['https://10.1.2.3/', ['::/0'], false],
  ['https://11.1.2.3/', ['10.0.0.0/'], false],
  ['https://11.1.2.3/', ['10.0.0.0/0x0'], false],
  ['https://11.1.2.3/', ['10.0.0.0/0'], true],
  ['https://bucket.store.example/', ['store.example.'], true],
  ['https://store.example/', ['.store.example.'], false],
  // No proxy knows the way to these.
  ['http://127.0.0.1:9000/', [], true],
  ['http://[::1]:9000/', [], true],
  ['http://localhost:9000/', [], true],
  ['http://169.254.169.254/', [], true],
  ['http://[fd00:ec2::23]/', [], true],
  ['http://[::ffff:127.0.0.1]:9000/', [], true],
  ['http://minio:9000/', [], true],
  ['http://minio.storage.svc:9000/', [], true],
  ['http://minio.storage.svc.cluster.local:9000/', [], true],
]

for (const [url, noProxy, directly] of cases) {
  it(`goesDirectly() asks ${url} ${directly ? 'directly' : 'by the proxy'} with noProxy [${noProxy}]`, () => {
    assert.equal(goesDirectly(new URL(url), noProxy), directly)
  })
}
