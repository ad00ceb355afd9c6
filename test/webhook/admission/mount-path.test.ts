import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { findClash, readMountPath } from '../../../webhook/admission/mount-path.ts'
import { readPod } from '../../../webhook/admission/pod.ts'
import { inputs } from '../../inputs.ts'

const DENIED = '/ /etc /usr /bin /sbin /var /root /home /boot /proc /sys /dev /lib /lib64 /run /tmp'.split(
  ' ',
)

it('readMountPath() takes what the documents recommend (A34)', () => {
  for (const written of ['/corefile', '/data/dumps', '/app/coredumps', '/etcetera'])
    assert.equal(readMountPath(written), written)
})

it('readMountPath() refuses the denied list and all below it, however it is written (A34, B22)', () => {
  const detours = fc.constantFrom('//', '/./', '/x/../', '/x/y/../../', '/../')
  fc.assert(
    fc.property(
      fc.constantFrom(...DENIED),
      detours,
      fc.constantFrom('', '/', '/deep/er'),
      (denied, way, tail) => {
        if (denied === '/' && tail.length > 1) return
        assert.equal(readMountPath(`${way}${denied.slice(1)}${tail}`), null)
      },
    ),
    inputs(1000),
  )
})

const refused = {
  'a relative path': 'etc',
  'a colon, for which the API server would refuse the pod': '/a:b',
  'a control character': '/a\nb',
  'a name that is too long': `/${'a'.repeat(256)}`,
  'a path that is too long': '/abc'.repeat(1100),
}
for (const [name, written] of Object.entries(refused)) {
  it(`readMountPath() refuses ${name}`, () => assert.equal(readMountPath(written), null))
}

it('findClash() minds read-only volumes above, but not those that can be written', () => {
  const container = {
    name: 'app',
    volumeMounts: [
      { name: 'settings', mountPath: '/app' },
      { name: 'data', mountPath: '/data' },
      { name: 'fixed', mountPath: '/fixed', readOnly: true },
    ],
    volumeDevices: [{ name: 'disk', devicePath: '/disk' }],
  }
  const volumes = [
    { name: 'settings', configMap: { name: 'x' } },
    { name: 'data', emptyDir: {} },
  ]
  const pod = readPod({ spec: { volumes, containers: [container] } })
  const clash = (at: string) => findClash(at, pod.containers[0]!, pod)
  assert.match(clash('/app/cores') ?? '', /read-only volume "settings"/)
  assert.match(clash('/fixed/cores') ?? '', /read-only volume "fixed"/)
  assert.match(clash('/data') ?? '', /volume "data"/)
  assert.match(clash('/disk') ?? '', /block device/)
  assert.deepEqual([clash('/data/dumps'), clash('/application')], [null, null])
})
