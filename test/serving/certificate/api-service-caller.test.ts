import assert from 'node:assert/strict'
import { once } from 'node:events'
import { it, type TestContext } from 'node:test'
import { pino } from 'pino'
import { KubeClient } from '../../../kube/client.ts'
import type { KubeObject } from '../../../kube/objects.ts'
import { type ApiService, apiServiceCaller } from '../../../serving/certificate/api-service-caller.ts'
import { authoritiesIn } from '../../../serving/certificate/caller.ts'
import { keepCertificate } from '../../../serving/certificate/keeper.ts'
import type { KeyPair } from '../../../serving/certificate/key-pair.ts'
import { issuerOf } from '../../../serving/certificate/plan.ts'
import { type FakeKube, startFakeKube } from '../../fakes/fake-kube.ts'

const NAMES = ['v1alpha1.coredog.io', 'v1alpha1.coredump.fujitsu.com']

it('keepCertificate() has both APIServices of the Service believe in it, and touches nothing else', async t => {
  const fake = await clusterWith(
    t,
    NAMES.map(name => apiService(name)),
  )
  const { pairs } = await keepUntil(t, fake, async () =>
    (await bundles(fake)).every(({ length }) => length > 0),
  )
  for (const authorities of await bundles(fake))
    assert.notEqual(issuerOf(pairs.at(-1)?.certificate ?? '', authorities), null)
  const { spec = {} } = await read(fake, 'v1alpha1.coredog.io')
  assert.deepEqual({ ...spec, caBundle: '' }, { ...apiService('').spec, caBundle: '' })
})

it('keepCertificate() leaves an APIService of another Service alone, and says once that one is missing', async t => {
  const other = { ...apiService('v1alpha1.coredog.io'), spec: { service: { namespace: 'x', name: 'y' } } }
  const fake = await clusterWith(t, [other])
  const { lines } = await keepUntil(t, fake, async lines =>
    lines.some(line => line.includes('taken into use')),
  )
  assert.deepEqual((await read(fake, 'v1alpha1.coredog.io')).spec, other.spec)
  assert.equal(lines.filter(line => line.includes('Cannot find APIService \\"v1alpha1.coredump')).length, 1)
})

async function clusterWith(t: TestContext, services: readonly KubeObject[]): Promise<FakeKube> {
  const annotations = { 'app.kubernetes.io/managed-by': 'coredog-api' }
  const secret = {
    kind: 'Secret',
    metadata: { namespace: 'coredog-system', name: 'certificate', annotations },
  }
  const fake = await startFakeKube({ objects: [secret, ...services] })
  t.after(() => fake.close())
  return fake
}

async function keepUntil(t: TestContext, fake: FakeKube, isEnough: (lines: string[]) => Promise<boolean>) {
  const kube = new KubeClient(fake.access)
  t.after(() => kube.close())
  const ending = new AbortController()
  const pairs: KeyPair[] = []
  const lines: string[] = []
  const kept = {
    ...{ kube, namespace: 'coredog-system', serviceName: 'coredog-api', secretName: 'certificate' },
    owner: 'coredog-api',
    callers: NAMES.map(apiServiceCaller),
    log: pino({}, { write: (line: string) => void lines.push(line) }),
    pause: async () => {
      if (await isEnough(lines)) ending.abort()
    },
  }
  const ended = once(ending.signal, 'abort')
  await keepCertificate(kept, pair => pairs.push(pair), ending.signal)
  await ended
  return { pairs, lines }
}

function apiService(name: string) {
  const service = { namespace: 'coredog-system', name: 'coredog-api', port: 443 }
  const spec = { group: 'coredog.io', version: 'v1alpha1', groupPriorityMinimum: 1000, service }
  return { kind: 'APIService', metadata: { name }, spec }
}

async function read(fake: FakeKube, name: string): Promise<ApiService> {
  const kube = new KubeClient(fake.access)
  try {
    return await kube.get<ApiService>(apiServiceCaller(name).path)
  } finally {
    await kube.close()
  }
}

function bundles(fake: FakeKube): Promise<string[][]> {
  return Promise.all(NAMES.map(async name => authoritiesIn((await read(fake, name)).spec?.caBundle)))
}
