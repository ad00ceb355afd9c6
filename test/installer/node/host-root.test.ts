import assert from 'node:assert/strict'
import { it } from 'node:test'
import { assertRoot, findHostRoot, HOST_MOUNT } from '../../../installer/node/host-root.ts'
import { type Manifest, objectsOf } from '../../deploy/objects.ts'

const NODE = 'pid:[4026531836]'
const CONTAINER = 'pid:[4026532201]'
const mounted = (...points: readonly string[]) =>
  ['/', '/proc', ...points].map((point, at) => `${at} 1 0:21 / ${point} rw - ext4 /dev/x rw\n`).join('')

const machinesRoot = null
const places = [
  { name: 'a machine', mountinfo: mounted(), pidNamespace: NODE, root: '/' },
  { name: 'a machine with /hosting', mountinfo: mounted('/hosting'), pidNamespace: NODE, root: '/' },
  { name: 'the DaemonSet', mountinfo: mounted(HOST_MOUNT), pidNamespace: CONTAINER, root: '/host' },
  {
    name: 'a container with the pids of the machine',
    mountinfo: mounted(),
    pidNamespace: NODE,
    machinesRoot: '/proc/1/root',
    root: '/proc/1/root',
  },
  { name: 'it with hostPID', mountinfo: mounted(HOST_MOUNT), pidNamespace: NODE, root: '/host' },
]
for (const { name, root, ...whereabouts } of places) {
  it(`findHostRoot() is ${root} on ${name}`, () =>
    assert.equal(findHostRoot({ machinesRoot, ...whereabouts }), root))
}

it('findHostRoot() is /host with what the overlay talos mounts', () => {
  const [{ spec }] = objectsOf('overlays/talos/daemon-set.yaml') as [Manifest]
  const mounts: { mountPath: string }[] = spec.template.spec.containers[0].volumeMounts
  const mountinfo = mounted(...mounts.map(({ mountPath }) => mountPath))
  assert.equal(findHostRoot({ mountinfo, pidNamespace: CONTAINER, machinesRoot }), HOST_MOUNT)
})

it('findHostRoot() refuses a container without the node, whose root no kernel starts a handler from', () => {
  const container = { mountinfo: mounted(), pidNamespace: CONTAINER, machinesRoot: '/proc/1/root' }
  assert.throws(() => findHostRoot(container), /this is a container, and nothing is mounted at \/host/)
})

it('assertRoot() makes no directory of a name that is wrong', () => {
  assert.throws(() => assertRoot('/nowhere/host'), /there is no directory "\/nowhere\/host"/)
  assertRoot('/')
})
