import assert from 'node:assert/strict'
import { it } from 'node:test'
import { AccessReviews } from '../../api/access-reviews.ts'
import { Namespaces } from '../../api/namespaces.ts'
import { KubeError } from '../../kube/errors.ts'

const JANE = { name: 'jane', uid: 'u', groups: ['dev'], extra: { scopes: ['a'] } }
const GET = { verb: 'get', group: 'coredog.io', resource: 'coredumps', namespace: 'shop' } as const

function kubeError(status: number | null, reason: string): KubeError {
  return new KubeError('no', { status, reason, hint: '' })
}

/** An API server that answers in turn; the last answer again and again. */
function answering(...answers: readonly unknown[]) {
  const asked: { path: string; body: unknown }[] = []
  const answer = async (path: string, body?: unknown) => {
    const one = answers[Math.min(asked.push({ path, body }), answers.length) - 1]
    if (one instanceof Error) throw one
    return one as never
  }
  return { asked, create: answer, get: answer }
}

it('mayDo() asks the API server with all that is known of the user, and again ten seconds later', async () => {
  let nowMs = 0
  const kube = answering({ status: { allowed: true } }, { status: { allowed: false } })
  const reviews = new AccessReviews(kube, () => nowMs)
  assert.deepEqual(await Promise.all([reviews.mayDo(JANE, GET), reviews.mayDo(JANE, GET)]), [true, true])
  assert.equal(kube.asked.length, 1)
  const { spec } = (kube.asked[0] as { body: { spec: object } }).body
  const { name: user, ...rest } = JANE
  assert.deepEqual(spec, { user, ...rest, resourceAttributes: { ...GET, version: 'v1alpha1' } })
  nowMs = 10_000
  assert.equal(await reviews.mayDo(JANE, GET), false)
})

const OTHERS: Record<string, Parameters<AccessReviews['mayDo']>> = {
  'another user': [{ ...JANE, name: 'joe' }, GET],
  'the same name of another group': [{ ...JANE, groups: [] }, GET],
  'another namespace': [JANE, { ...GET, namespace: 'bank' }],
  'a subresource': [JANE, { ...GET, subresource: 'proxy' }],
  'all namespaces': [JANE, { verb: 'get', group: 'coredog.io', resource: 'coredumps' }],
}

for (const [what, other] of Object.entries(OTHERS))
  it(`mayDo() asks anew for ${what}`, async () => {
    const reviews = new AccessReviews(
      answering({ status: { allowed: true } }, { status: { allowed: false } }),
    )
    assert.equal(await reviews.mayDo(JANE, GET), true)
    assert.equal(await reviews.mayDo(...other), false)
  })

it('mayDo() takes nothing for a yes but a yes', async () => {
  const answers = [
    {},
    { status: {} },
    { status: { allowed: 'true' } },
    { status: { allowed: true, denied: true } },
  ]
  for (const answer of answers)
    assert.equal(await new AccessReviews(answering(answer)).mayDo(JANE, GET), false)
})

it('mayDo() rejects where there is no answer, and does not remember that', async () => {
  const faults = [
    kubeError(null, 'Unreachable'),
    kubeError(500, 'InternalError'),
    kubeError(403, 'Forbidden'),
  ]
  const reviews = new AccessReviews(answering(...faults, { status: { allowed: true } }))
  for (const code of [503, 503, 500]) await assert.rejects(reviews.mayDo(JANE, GET), { code })
  assert.equal(await reviews.mayDo(JANE, GET), true)
})

it('mayDo() remembers a bounded number of answers', async () => {
  const kube = answering({ status: { allowed: true } })
  const reviews = new AccessReviews(kube)
  for (let at = 0; at <= 4096; at += 1) await reviews.mayDo({ ...JANE, name: `user-${at}` }, GET)
  await reviews.mayDo({ ...JANE, name: 'user-4096' }, GET)
  assert.equal(kube.asked.length, 4097)
  await reviews.mayDo({ ...JANE, name: 'user-0' }, GET)
  assert.equal(kube.asked.length, 4098)
})

it('created() says since when there is a namespace, or that there is none, and asks again after seconds', async () => {
  let nowMs = 0
  const metadata = { creationTimestamp: '2026-11-21T04:21:17Z' }
  const namespaces = new Namespaces(answering({ metadata }, kubeError(404, 'NotFound')), () => nowMs)
  assert.equal((await namespaces.created('shop'))?.toISOString(), '2026-11-21T04:21:17.000Z')
  assert.notEqual(await namespaces.created('shop'), null)
  nowMs = 2000
  assert.equal(await namespaces.created('shop'), null)
})

for (const [code, answer] of [
  [503, kubeError(null, 'Unreachable')],
  [500, kubeError(403, 'Forbidden')],
  [500, kubeError(404, 'a page of a proxy')],
  [503, { metadata: {} }],
] as const)
  it(`created() rejects with ${code} where the API server answers ${JSON.stringify(answer)}`, async () => {
    await assert.rejects(new Namespaces(answering(answer)).created('shop'), { code })
  })
