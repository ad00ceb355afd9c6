import assert from 'node:assert/strict'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { isMachinesRoot, isUnconfined } from '../../../handler/container-nodes/machines-root.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'

const FULL = '000001ffffffffff'
const DOCKER = '00000000a80425fb'

interface Process {
  readonly user?: string
  readonly effective?: string
  readonly bounding?: string
  readonly noNewPrivileges?: string
  readonly seccomp?: string
  readonly label?: string
  readonly firsts?: string
}

/** Whether it is, by what its /proc says. */
function judge(test: TestContext, process: Process): boolean {
  const proc = temporaryFolder(test)
  const { user = 'user:[4026531837]', effective = FULL, bounding = FULL } = process
  const { noNewPrivileges = '0', seccomp = '0', label, firsts = FULL } = process
  for (const name of ['1', 'self/ns', '7/ns', '7/attr']) mkdirSync(path.join(proc, name), { recursive: true })
  symlinkSync('user:[4026531837]', path.join(proc, 'self/ns/user'))
  symlinkSync(user, path.join(proc, '7/ns/user'))
  writeFileSync(path.join(proc, '1/status'), `CapBnd:\t${firsts}\n`)
  const sets = `CapPrm:\t${effective}\nCapEff:\t${effective}\nCapBnd:\t${bounding}\n`
  writeFileSync(path.join(proc, '7/status'), `${sets}NoNewPrivs:\t${noNewPrivileges}\nSeccomp:\t${seccomp}\n`)
  if (label !== undefined) writeFileSync(path.join(proc, '7/attr/current'), `${label}\n`)
  return isMachinesRoot(path.join(proc, '7'), proc)
}

const ROOT: readonly (readonly [string, Process])[] = [
  ['privileged', {}],
  [
    'privileged, by a runtime that does not know the newest capabilities',
    { effective: '0000003fffffffff', bounding: '0000003fffffffff' },
  ],
  [
    'privileged, where the machine itself lacks one',
    { effective: '000001fffeffffff', bounding: '000001fffeffffff', firsts: '000001fffeffffff' },
  ],
  ['privileged, with AppArmor', { label: 'unconfined' }],
  ['privileged, with SELinux', { label: 'system_u:system_r:spc_t:s0\0' }],
]
for (const [name, process] of ROOT)
  it(`isMachinesRoot() of a container that is ${name}`, t => assert.equal(judge(t, process), true))

const OTHERS: readonly (readonly [string, Process])[] = [
  ['an ordinary one', { effective: DOCKER, bounding: DOCKER, seccomp: '2' }],
  ['of a user namespace', { user: 'user:[4026532201]' }],
  ['without a capability', { effective: '000001fffeffffff', bounding: '000001fffeffffff' }],
  ['of a user who could get all of them', { effective: '0000000000000000' }],
  ['whose programs cannot get all of them', { bounding: DOCKER }],
  ['with seccomp', { seccomp: '2' }],
  ['that may get no new rights', { noNewPrivileges: '1' }],
  ['of AppArmor', { label: 'docker-default (enforce)' }],
  ['of SELinux', { label: 'system_u:system_r:container_t:s0:c1,c2' }],
  ['of which the kernel does not say the capabilities', { effective: '' }],
]
for (const [name, process] of OTHERS)
  it(`isMachinesRoot() is not a container ${name}`, t => assert.equal(judge(t, process), false))

it('isMachinesRoot() is not a process that is gone', t => {
  const folder = temporaryFolder(t)
  rmSync(folder, { recursive: true })
  mkdirSync(folder)
  assert.equal(isMachinesRoot(path.join(folder, 'gone')), false)
})

it('isUnconfined() takes no profile that is enforced, and no type but the free ones', () => {
  for (const label of ['', 'unconfined', 'docker-default (complain)', 'u:r:unconfined_t:s0'])
    assert.ok(isUnconfined(label))
  for (const label of ['a//&b (mixed)', 'x (kill)', 'u:r:container_init_t:s0', 'u:r:init_t:s0'])
    assert.ok(!isUnconfined(label), label)
})
