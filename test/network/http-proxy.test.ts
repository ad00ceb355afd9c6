import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { it } from 'node:test'
import { HttpProxy } from '../../network/http-proxy.ts'

const passwords: [string, string][] = [
  ['simple', 'simple'],
  ['a%40b', 'a@b'],
  ['100%', '100%'],
  ['%zz:%4', '%zz:%4'],
  ['100%25', '100%'],
  ['p%C3%A9', 'pé'],
  // Latin-1, which is no UTF-8.
  ['caf%E9', 'caf%E9'],
]

for (const [written, password] of passwords) {
  it(`HttpProxy is one that Node's own agent takes, with the password ${written}`, () => {
    const { url, authorization, name } = new HttpProxy(`http://user:${written}@proxy.example:3128`)
    assert.equal(decodeURIComponent(url.password), password)
    assert.equal(authorization, `Basic ${Buffer.from(`user:${password}`).toString('base64')}`)
    assert.equal(name, 'proxy.example:3128')
    new Agent({ proxyEnv: { HTTP_PROXY: url.href } }).destroy()
  })
}
