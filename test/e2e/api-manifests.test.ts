import assert from 'node:assert/strict'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { KubeAccess } from '../../kube/access.ts'
import { KubeClient } from '../../kube/client.ts'
import type { KubeObject } from '../../kube/objects.ts'
import { eventually } from './eventually.ts'
import { findKubePrograms, type KubeCluster, NO_KUBE, startKubeCluster } from './kube-cluster.ts'

const programs = findKubePrograms()
const skip = programs === null && NO_KUBE
const DEPLOY = path.resolve(import.meta.dirname, '../../deploy')
const RENDERED = path.join(DEPLOY, 'coredog-api.yaml')
const NAMESPACE = 'coredog-system'
const IN_NAMESPACE = `/api/v1/namespaces/${NAMESPACE}`
const API_SERVICE = '/apis/apiregistration.k8s.io/v1/apiservices/v1alpha1.coredog.io'
const ACCOUNT = `system:serviceaccount:${NAMESPACE}:coredog-api`
const AUTHORITY = Buffer.from('an authority').toString('base64')

describe('deploy/api at a real API server', { skip, timeout: 240_000 }, () => {
  let cluster: KubeCluster
  let api: KubeAccess

  before(async () => {
    cluster = await startKubeCluster(programs!) // skipped without them
    await cluster.kubectl(['apply', '-f', path.join(DEPLOY, 'coredog.yaml')])
    api = await cluster.addServiceAccount(NAMESPACE, 'coredog-api')
    await cluster.kubectl(['apply', '--validate=strict', '-f', RENDERED])
    // The authorizer and the policy hear of what is new a moment later.
    await eventually('the policy to count', 30, async () => {
      const refused = change([add('/metadata/labels/x', 'y')]).then(
        () => undefined,
        () => true,
      )
      return await refused
    })
  })
  after(() => cluster?.[Symbol.asyncDispose]())

  for (const overlay of ['overlays/api', 'overlays/detector-paths', 'api']) {
    it(`is taken as ${overlay}, strictly`, async () => {
      const trial = ['apply', '--dry-run=server', '--validate=strict', '-k', path.join(DEPLOY, overlay)]
      assert.equal((await cluster.kubectl(trial)).stderr, '')
    })
  }

  it('has pods that would do in the most restricted namespace', async () => {
    await cluster.addNamespace('strict', { 'pod-security.kubernetes.io/enforce': 'restricted' })
    await cluster.addServiceAccount('strict', 'coredog-api')
    const deployment = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/coredog-api`
    const { spec } = await cluster.kube.get<Workload>(deployment)
    const metadata = { name: 'coredog-api', namespace: 'strict' }
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: spec.template.spec }
    assert.equal((await cluster.kubectl(['create', '--dry-run=server', '-f', '-'], pod)).stderr, '')
  })

  it('lets coredog-api write its authority, and what it wrote stays when it is applied again', async t => {
    const kube = new KubeClient(api)
    t.after(() => kube.close())
    await kube.patch(API_SERVICE, { spec: { caBundle: AUTHORITY } })
    await cluster.kubectl(['apply', '-f', RENDERED])
    assert.equal((await kube.get<ApiService>(API_SERVICE)).spec.caBundle, AUTHORITY)
  })

  const elsewhere = { namespace: 'shop', name: 'evil', port: 443 }
  for (const [what, changed] of Object.entries({
    'send requests to another service': add('/spec/service', elsewhere),
    'be asked on another port': add('/spec/service/port', 8443),
    'be believed without an authority': add('/spec/insecureSkipTLSVerify', true),
    'come before other groups': add('/spec/groupPriorityMinimum', 19_000),
    'come before other versions': add('/spec/versionPriority', 99),
    'be kept by a finalizer': add('/metadata/finalizers', ['evil.example/x']),
    'have another label': add('/metadata/labels/x', 'y'),
  })) {
    it(`does not let coredog-api have its APIService ${what}`, () =>
      assert.rejects(change([changed]), /coredog-api may change nothing but spec\.caBundle|caBundle/))
  }

  it('lets everybody else change it who may', () =>
    change([add('/metadata/labels/x', 'y')], 'system:admin', '--as-group=system:masters'))

  it('does not let coredog-api touch another APIService, or read another Secret', async t => {
    const kube = new KubeClient(api)
    t.after(() => kube.close())
    const other = API_SERVICE.replace('v1alpha1.coredog.io', 'v1.apps')
    await assert.rejects(kube.patch(other, { spec: { caBundle: AUTHORITY } }), { reason: 'Forbidden' })
    for (const secret of ['coredog-secrets', 'coredog-webhook-certificate'])
      await assert.rejects(kube.get(`${IN_NAMESPACE}/secrets/${secret}`), { reason: 'Forbidden' })
    await kube.get(`${IN_NAMESPACE}/secrets/coredog-api-certificate`)
    await assert.rejects(kube.get('/api/v1/namespaces/strict/pods/x'), { reason: 'Forbidden' })
  })

  it('gives people what each role says, in the namespace where it is bound', async () => {
    await cluster.addNamespace('shop')
    for (const [role, user] of Object.entries({ viewer: 'vera', downloader: 'dora' })) {
      const bound = [`--clusterrole=coredog-${role}`, `--user=${user}`]
      await cluster.kubectl(['create', 'rolebinding', role, '-n', 'shop', ...bound])
    }
    await eventually('the roles to count', 20, async () => (await may('vera', 'list')) || undefined)
    const rights = async (user: string) => {
      const each = SUBRESOURCES.map(async name => ((await may(user, 'get', name)) ? [name] : []))
      return (await Promise.all(each)).flat()
    }
    assert.deepEqual(await rights('vera'), ['report', 'backtrace', 'group'])
    assert.deepEqual(await rights('dora'), SUBRESOURCES)
    for (const user of ['vera', 'dora']) {
      assert.ok(await may(user, 'watch'))
      for (const verb of ['delete', 'create', 'patch']) assert.ok(!(await may(user, verb)), `${user} ${verb}`)
      assert.ok(!(await may(user, 'get', 'report', 'strict')), `${user} elsewhere`)
    }
  })

  it('lets the installer, as every account, ask whether there is such a group', async t => {
    const kube = new KubeClient(await cluster.addServiceAccount(NAMESPACE, 'coredog-asks'))
    t.after(() => kube.close())
    const { kind } = await kube.get('/apis/coredog.io')
    assert.equal(kind, 'APIGroup')
  })

  it('is gone without a trace, and CoreDog is not', async () => {
    await cluster.kubectl(['delete', '-f', RENDERED, '--wait=false'])
    const kinds =
      'apiservices,clusterroles,clusterrolebindings,validatingadmissionpolicies,deployments,secrets'
    const component = '--selector=app.kubernetes.io/component=api'
    await eventually('everything to be gone', 20, async () => {
      const { stdout } = await cluster.kubectl(['get', kinds, '-A', component, '-o', 'name'])
      return stdout === '' || undefined
    })
    await cluster.kubectl(['get', 'daemonset', 'coredog-installer', '-n', NAMESPACE])
  })

  function add(at: string, value: unknown): object {
    return { op: 'add', path: at, value }
  }

  async function change(patch: readonly object[], as = ACCOUNT, ...more: readonly string[]): Promise<void> {
    const what = ['apiservice', 'v1alpha1.coredog.io', '--type=json', '--dry-run=server', `--as=${as}`]
    await cluster.kubectl(['patch', ...what, ...more, '-p', JSON.stringify(patch)])
  }

  async function may(user: string, verb: string, subresource?: string, namespace = 'shop'): Promise<boolean> {
    const review = await cluster.kube.create<Review>(
      '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      reviewOf({ namespace, verb, group: 'coredog.io', resource: 'coredumps', subresource }, user),
    )
    return review.status?.allowed ?? false
  }
})

const SUBRESOURCES = ['report', 'backtrace', 'group', 'log', 'binaries', 'url', 'proxy']

interface Workload extends KubeObject {
  readonly spec: { readonly template: { readonly spec: object } }
}

interface ApiService extends KubeObject {
  readonly spec: { readonly caBundle?: string }
}

interface Review extends KubeObject {
  readonly status?: { readonly allowed: boolean }
}

function reviewOf(resourceAttributes: object, user: string): Review {
  const spec = { user, resourceAttributes }
  return { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec } as Review
}
