import assert from 'node:assert/strict'
import { it } from 'node:test'
import { aggregatedVersion } from '../../api/discovery.ts'
import { startApi } from './front-proxy.ts'

const V2 = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

it('discovery says group, version, resources and subresources, to whoever asks', async t => {
  const { ask } = await startApi(t)
  const json = async (path: string) => (await ask({ path, as: null })).json
  const { groups } = await json('/apis')
  assert.deepEqual(groups[0].preferredVersion, { groupVersion: 'coredog.io/v1alpha1', version: 'v1alpha1' })
  assert.equal((await json('/apis/coredog.io')).kind, 'APIGroup')
  const { resources } = await json('/apis/coredog.io/v1alpha1/')
  assert.deepEqual(resources, [
    {
      ...{ name: 'coredumps', singularName: 'coredump', namespaced: true, kind: 'Coredump' },
      ...{ verbs: ['get', 'list', 'watch', 'create'], shortNames: ['core'] },
    },
    { name: 'coredumps/proxy', singularName: '', namespaced: true, kind: 'Coredump', verbs: ['get'] },
  ])
})

it('aggregated discovery is for who asks for it, in the version that comes first', async t => {
  const { ask } = await startApi(t)
  for (const version of ['v2', 'v2beta1']) {
    const accept = V2.replace('v2', version)
    const { headers, json } = await ask({ path: '/apis', headers: { accept: `${accept},application/json` } })
    assert.equal(headers['content-type'], accept)
    assert.equal(json.apiVersion, `apidiscovery.k8s.io/${version}`)
    const [{ versions }] = json.items
    const [{ resource, scope, subresources }] = versions[0].resources
    assert.deepEqual([resource, scope, subresources[0].subresource], ['coredumps', 'Namespaced', 'proxy'])
  }
})

const ACCEPTED: Record<string, string | null> = {
  [V2]: 'v2',
  'application/json; as=APIGroupDiscoveryList; v=v2; g=apidiscovery.k8s.io': 'v2',
  [`application/vnd.kubernetes.protobuf;v=v2;g=apidiscovery.k8s.io;as=APIGroupDiscoveryList,${V2}`]: 'v2',
  [`${V2.replace('v2', 'v3')},${V2.replace('v2', 'v2beta1')}`]: 'v2beta1',
  [`application/json,${V2}`]: null,
  'application/json;v=v2': null,
  '*/*': null,
  '': null,
}

for (const [accept, version] of Object.entries(ACCEPTED))
  it(`aggregatedVersion() finds ${version} in "${accept}"`, () => {
    assert.equal(aggregatedVersion(accept), version)
  })

it('a document that is known already is not sent again', async t => {
  const { ask } = await startApi(t)
  const { headers } = await ask({ path: '/openapi/v2' })
  const again = await ask({ path: '/openapi/v2', headers: { 'if-none-match': String(headers.etag) } })
  assert.deepEqual([again.code, again.text], [304, ''])
})

it('OpenAPI v2 and v3 say which kind is at which path', async t => {
  const { ask } = await startApi(t)
  const path = '/apis/coredog.io/v1alpha1/namespaces/{namespace}/coredumps/{name}'
  const kind = { group: 'coredog.io', version: 'v1alpha1', kind: 'Coredump' }
  const v2 = (await ask({ path: '/openapi/v2' })).json
  assert.deepEqual(v2.paths[path].get['x-kubernetes-group-version-kind'], kind)
  assert.deepEqual(v2.definitions['io.coredog.v1alpha1.Coredump']['x-kubernetes-group-version-kind'], [kind])
  const { paths } = (await ask({ path: '/openapi/v3' })).json
  const { serverRelativeURL } = paths['apis/coredog.io/v1alpha1']
  const v3 = (await ask({ path: serverRelativeURL })).json
  assert.deepEqual(v3.paths[path].get['x-kubernetes-group-version-kind'], kind)
  // Where kubectl looks whether it may leave the check of what it creates to us.
  for (const document of [v2, v3]) {
    const [{ name, in: place }] = document.paths[path].patch.parameters
    assert.deepEqual([name, place], ['fieldValidation', 'query'])
    assert.deepEqual(document.paths[path].patch['x-kubernetes-group-version-kind'], kind)
  }
  assert.equal(v3.components.schemas['io.coredog.v1alpha1.Coredump'].description, 'A crash.')
})
