import type { FakePod } from './fake-cri.ts'

/**
 * The pod that a process is said to run in where there is no cluster: in the demo, in benchmarks, in the
 * build.
 */
export const CONTAINER_ID = '4d1f'.repeat(16)

export const POD = {
  namespace: 'shop',
  name: 'checkout-7c9f5d8b6-x2x9k',
  uid: '0b6d7a9e-5c1f-4c5e-9a53-2f1f6f0b6a11',
  labels: { app: 'checkout' },
  annotations: { 'coredog.io/inject': 'true' },
  containers: [{ id: CONTAINER_ID, name: 'app', image: 'registry.example/checkout:1.4.2', restartCount: 3 }],
} satisfies FakePod

/** Where a kubelet would have put it. */
export const CGROUP = `kubepods/besteffort/pod${POD.uid}/${CONTAINER_ID}`
