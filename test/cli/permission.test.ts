import assert from 'node:assert/strict'
import { it } from 'node:test'
import { askedByCanI, permissionOf } from '../../cli/permission.ts'

const requests = [
  ['GET', '/apis/coredog.io/v1alpha1/coredumps?limit=500', 'list coredog.io coredumps null null'],
  ['GET', '/apis/coredog.io/v1alpha1/namespaces/shop/coredumps', 'list coredog.io coredumps shop null'],
  ['GET', '/apis/coredog.io/v1alpha1/coredumps?watch=true', 'watch coredog.io coredumps null null'],
  [
    'GET',
    '/apis/coredog.io/v1alpha1/namespaces/shop/coredumps/x/proxy/binaries/ab',
    'get coredog.io coredumps/proxy shop x',
  ],
  ['GET', '/api/v1/namespaces/coredog/pods/p:9464/proxy/status.json', 'get  pods/proxy coredog p:9464'],
  ['GET', '/api/v1/namespaces/shop', 'get  namespaces null shop'],
  ['GET', '/api/v1/nodes', 'list  nodes null null'],
  ['POST', '/api/v1/namespaces/shop/pods', 'create  pods shop null'],
  ['DELETE', '/api/v1/namespaces/shop/pods/p', 'delete  pods shop p'],
] as const

for (const [method, path, words] of requests) {
  it(`permissionOf() reads ${method} ${path}`, () => {
    const { verb, group, resource, namespace, name } = permissionOf(method, path) ?? assert.fail()
    assert.equal(`${verb} ${group} ${resource} ${namespace} ${name}`, words)
  })
}

it('permissionOf() reads nothing of a path that is no resource', () => {
  assert.equal(permissionOf('GET', '/version'), null)
  assert.equal(permissionOf('GET', '/apis/coredog.io/v1alpha1'), null)
})

it('askedByCanI() is the command that tells', () => {
  const path = '/apis/coredog.io/v1alpha1/namespaces/shop/coredumps/x/proxy'
  const asked = askedByCanI(permissionOf('GET', path) ?? assert.fail())
  assert.equal(asked, 'kubectl auth can-i get coredumps.coredog.io --subresource=proxy -n shop')
})
