import assert from 'node:assert/strict'
import { it } from 'node:test'
import { coredumpOf } from '../../coredump/coredump-of.ts'
import { ENTRY } from '../fakes/index-entry.ts'

it('a coredump without its report has what the name of its index object says', () => {
  assert.deepEqual(coredumpOf(ENTRY, null), {
    apiVersion: 'coredog.io/v1alpha1',
    kind: 'Coredump',
    metadata: {
      name: '20261121t042117z-3f2a9c01d4e5',
      namespace: 'shop',
      uid: coredumpOf({ ...ENTRY, pod: 'another' }, null).metadata.uid,
      creationTimestamp: '2026-11-21T04:21:17Z',
      labels: {
        'coredog.io/pod': ENTRY.pod,
        'coredog.io/pod-uid': ENTRY.podUid,
        'coredog.io/container': 'app',
        'coredog.io/signal': 'SIGSEGV',
      },
    },
    spec: {
      id: '3f2a9c01d4e5',
      pod: { name: ENTRY.pod, uid: ENTRY.podUid },
      container: 'app',
      comm: 'worker_3',
      signal: { number: 11, name: 'SIGSEGV' },
    },
    status: { group: 'v2:00ff12ab', storedBytes: 88_000_123 },
  })
})

it('a report adds to it, and cannot make it of another namespace, pod or container', () => {
  const schema = 'coredog.io/report/v1'
  const coredump = coredumpOf(ENTRY, {
    ...{ schema, id: 'ffffffffffff', time: '2020-01-01T00:00:00Z' },
    pod: { namespace: 'kube-system', name: 'other', uid: 'x' },
    container: { name: 'other', image: 'registry.example/checkout:1.4.2' },
    crash: { reason: 'It read through a null pointer', reasonCode: 'NullPointer' },
    core: {
      key: 'k',
      complete: false,
      incompleteReason: 'the kernel stopped',
      dump: 'private',
      sizeBytes: 10,
      compression: 'gzip',
    },
    seen: { count: 36 },
  })
  const { metadata, spec, status } = coredump
  assert.deepEqual([metadata.namespace, spec.pod.name, spec.container], ['shop', ENTRY.pod, 'app'])
  assert.equal(metadata.creationTimestamp, '2026-11-21T04:21:17Z')
  assert.equal(spec.image, 'registry.example/checkout:1.4.2')
  assert.deepEqual(status, {
    phase: 'Incomplete',
    reason: 'It read through a null pointer',
    reasonCode: 'NullPointer',
    incompleteReason: 'the kernel stopped',
    dump: 'private',
    group: 'v2:00ff12ab',
    seenCount: 36,
    sizeBytes: 10,
    storedBytes: 88_000_123,
    compression: 'gzip',
  })
})
