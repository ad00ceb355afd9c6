import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ownerOfFolder, wrongNameIn } from '../../../handler/from-file/kubelet-folder.ts'
import type { HandoffPod } from '../../../handoff/run-folder.ts'

const UID = '0b6d7a9e-5c1f-4c5e-9a53-2f1f6f0b6a11'
const ADMISSION = '7e57ab1e-0000-4000-8000-000000000001'

function pod(name: string, others: Partial<HandoffPod> = {}): HandoffPod {
  return {
    namespace: 'shop',
    name,
    uid: `uid-of-${name}`,
    labels: {},
    annotations: {},
    containers: [],
    ...others,
  }
}

const web = pod('web-abc12', {
  uid: UID,
  annotations: { 'coredog.io/admission-uid': ADMISSION },
  containers: [{ name: 'app', id: 'ab'.repeat(32), image: 'web:1' }],
})
const marked = pod('job-x', { annotations: { 'coredog.io/pod-name': 'pod-0badcafe' } })
const pods = [pod('other'), web, marked]

function nameOf(segment: string, known: readonly HandoffPod[] | null = pods, namespace = 'shop'): string {
  return ownerOfFolder({ namespace, pod: segment, container: 'app' }, known).pod.name
}

const layouts = [
  { name: 'the name of a pod', segment: 'web-abc12', expected: 'web-abc12' },
  { name: 'the uid of a pod', segment: UID, expected: 'web-abc12' },
  { name: 'the uid of an admission', segment: ADMISSION, expected: 'web-abc12' },
  { name: 'the beginning of the uid of an admission', segment: 'pod-7e57ab1e', expected: 'web-abc12' },
  { name: 'a name that a webhook made up', segment: 'pod-0badcafe', expected: 'job-x' },
]
for (const { name, segment, expected } of layouts) {
  it(`ownerOfFolder() finds a pod by ${name}`, () => {
    assert.equal(nameOf(segment), expected)
  })
}

it('ownerOfFolder() never goes to another namespace', () => {
  for (const { segment } of layouts) {
    const { pod, unanswered } = ownerOfFolder({ namespace: 'pay', pod: segment, container: null }, pods)
    assert.deepEqual([pod.namespace, unanswered === undefined], ['pay', false])
  }
})

it('ownerOfFolder() believes no annotation that two pods have, nor one that takes the name of a pod', () => {
  const copy = { ...web, name: 'copy', uid: 'other' }
  assert.equal(nameOf(ADMISSION, [web, copy]), 'pod-7e57ab1e')
  const thief = pod('thief', { annotations: { 'coredog.io/pod-name': 'web-0' } })
  assert.equal(nameOf('web-0', [thief]), 'web-0')
})

it('ownerOfFolder() keeps of a pod that is gone what its folder says, and says so', () => {
  const owner = ownerOfFolder({ namespace: 'shop', pod: UID, container: null }, [])
  assert.deepEqual(
    [owner.pod, owner.podUid, owner.container],
    [{ namespace: 'shop', name: 'pod-0b6d7a9e' }, UID, { name: '' }],
  )
  assert.match(owner.unanswered ?? '', /shop\/0b6d7a9e.*the API server no longer knows it/)
  assert.match(
    ownerOfFolder({ namespace: 'shop', pod: 'x', container: null }, null).unanswered ?? '',
    /nobody said/,
  )
})

it('ownerOfFolder() knows the container of a pod that has only one, and not which one ran then', () => {
  const { container } = ownerOfFolder({ namespace: 'shop', pod: 'web-abc12', container: null }, pods)
  assert.deepEqual(container, { name: 'app', image: 'web:1' })
})

it('wrongNameIn() lets what Kubernetes and the webhooks of old wrote through, and nothing else', () => {
  const wrong = (folder: object) =>
    wrongNameIn({ namespace: 'shop', pod: 'web-0', container: 'app', ...folder })
  for (const fine of ['web.example', UID, 'pod-7e57ab1e', 'web-5f6d-XXXXX', 'x'.repeat(253)])
    assert.equal(wrong({ pod: fine }), null)
  assert.equal(wrong({ container: null }), null)
  for (const bad of ['', '.', '..', '-a', 'a-', 'a/b', 'A', 'a\n', 'a b', 'x'.repeat(254)])
    for (const key of ['namespace', 'pod', 'container'])
      assert.notEqual(wrong({ [key]: bad }), null, `${key} ${bad}`)
  assert.notEqual(wrong({ namespace: 'a.b' }), null)
})
