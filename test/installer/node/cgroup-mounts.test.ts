import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseCgroupMounts } from '../../../installer/node/cgroup-mounts.ts'

const UNIFIED = '30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate'
const HYBRID = [
  '24 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw',
  '31 30 0:27 / /sys/fs/cgroup/unified rw shared:10 - cgroup2 cgroup2 rw',
  '33 30 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:11 - cgroup cgroup rw,cpu,cpuacct',
  '34 30 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory',
].join('\n')

it('parseCgroupMounts finds the one hierarchy of version 2', () => {
  assert.deepEqual(parseCgroupMounts(UNIFIED), [
    { version: 2, mountPoint: '/sys/fs/cgroup', controllers: [] },
  ])
})

it('parseCgroupMounts finds every hierarchy of a hybrid node, with its controllers', () => {
  assert.deepEqual(parseCgroupMounts(HYBRID), [
    { version: 2, mountPoint: '/sys/fs/cgroup/unified', controllers: [] },
    { version: 1, mountPoint: '/sys/fs/cgroup/cpu,cpuacct', controllers: ['rw', 'cpu', 'cpuacct'] },
    { version: 1, mountPoint: '/sys/fs/cgroup/memory', controllers: ['rw', 'memory'] },
  ])
})

it('parseCgroupMounts leaves out a second mount of a hierarchy, and one that shows only a part', () => {
  const again = '90 24 0:26 / /run/other rw - cgroup2 cgroup2 rw'
  const part = '91 24 0:50 /kubepods/pod1 /sys/fs/part rw - cgroup cgroup rw,cpu'
  assert.deepEqual(parseCgroupMounts([UNIFIED, again, part].join('\n')), parseCgroupMounts(UNIFIED))
})

it('parseCgroupMounts reads blanks in a path', () => {
  assert.equal(parseCgroupMounts(UNIFIED.replace('/sys/fs', '/my\\040fs'))[0]?.mountPoint, '/my fs/cgroup')
})
