import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { parseConfig } from '../../../config/parse-config.ts'
import { roomInCgroup } from '../../../handler/queue/cgroup-room.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'

const MIB = 2 ** 20

/** What there is beside limits.memory, of 1 GiB by default. */
function room(t: TestContext, files: Readonly<Record<string, string>>, memory = '1Gi'): number {
  const folder = temporaryFolder(t)
  const names = new Set(Object.keys(files).map(name => path.dirname(name)))
  const procsFiles = [...names].map(name => path.join(folder, name, 'cgroup.procs'))
  for (const name of names) mkdirSync(path.join(folder, name))
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text)
  if (names.size > 0)
    writeFileSync(path.join(folder, 'cgroup.json'), JSON.stringify({ version: 1, procsFiles }))
  const yaml = `StorageConfig: {protocol: cfs, CFSMountPath: /}\npaths: {run: "${folder}"}\nlimits: {memory: ${memory}}`
  return roomInCgroup(parseConfig(yaml).config)
}

for (const { name, files, memory, bytes } of [
  { name: 'version 2', files: { 'v2/memory.max': `${1536 * MIB}\n` }, bytes: 512 * MIB },
  {
    name: 'version 1, where the CPUs have a hierarchy of their own',
    files: { 'cpu/cpu.shares': '204\n', 'memory/memory.limit_in_bytes': `${1280 * MIB}\n` },
    bytes: 256 * MIB,
  },
  { name: 'an installer that left nothing', files: { 'v2/memory.max': `${1024 * MIB}\n` }, bytes: 0 },
  {
    name: 'an installer that has not seen yet that more is for other things',
    files: { 'v2/memory.max': `${1536 * MIB}\n` },
    memory: '2Gi',
    bytes: 0,
  },
  {
    name: 'an installer that has not seen yet that there is no limit',
    files: { 'v2/memory.max': `${1536 * MIB}\n` },
    memory: '0',
    bytes: 0,
  },
  { name: 'no limit', files: { 'v2/memory.max': 'max\n' }, memory: '0', bytes: Number.POSITIVE_INFINITY },
  {
    name: 'no limit in version 1',
    files: { 'memory/memory.limit_in_bytes': '9223372036854771712\n' },
    memory: '0',
    bytes: Number.POSITIVE_INFINITY,
  },
  { name: 'no memory controller', files: { 'v2/cpu.weight': '20\n' }, bytes: Number.POSITIVE_INFINITY },
  { name: 'no installer', files: {}, bytes: Number.POSITIVE_INFINITY },
])
  it(`roomInCgroup() of ${name}`, t => {
    assert.equal(room(t, files, memory), bytes)
  })
