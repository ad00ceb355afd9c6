import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { factsIn, processFacts } from '../../../installer/status/process-facts.ts'
import { inputs } from '../../inputs.ts'

const STATUS = `Name:\tweird\\nUid:\t0\t0\t0\t0
Umask:\t0022
State:\tS (sleeping)
Tgid:\t4711
NSpid:\t4711\t1
Uid:\t1000\t1000\t1000\t1000
SigIgn:\t0000000000001020
SigCgt:\t0000000000000440
`
const LIMITS = `Limit                     Soft Limit           Hard Limit           Units
Max cpu time              unlimited            unlimited            seconds
Max core file size        0                    unlimited            bytes
`
const TEXTS = {
  status: STATUS,
  limits: LIMITS,
  filter: '00000033\n',
  uidMap: '         0          0 4294967295\n',
  owner: 1000,
}

it('factsIn tells what decides whether a crash makes a core', () => {
  assert.deepEqual(factsIn(TEXTS), {
    pid: 1,
    coreLimitBytes: 0,
    dumpable: true,
    coreDumpFilter: '00000033',
    ignores: ['SIGABRT'],
    handles: ['SIGBUS', 'SIGSEGV'],
  })
})

it('factsIn sees by the owner of its files that a process is not dumpable, but of root none', () => {
  assert.equal(factsIn({ ...TEXTS, owner: 0 })?.dumpable, false)
  const root = STATUS.replace('Uid:\t1000\t1000', 'Uid:\t0\t0')
  assert.equal(factsIn({ ...TEXTS, status: root, owner: 0 })?.dumpable, null)
  const mapped = '         0     100000      65536\n'
  const inside = STATUS.replace('Uid:\t1000\t1000', 'Uid:\t100000\t100000')
  assert.equal(factsIn({ ...TEXTS, status: inside, owner: 100_000, uidMap: mapped })?.dumpable, null)
  assert.equal(factsIn({ ...TEXTS, uidMap: mapped, owner: 100_000 })?.dumpable, false)
})

it('factsIn takes no limit for unlimited, and a zombie for no process', () => {
  const unlimited = LIMITS.replace(' 0  ', ' unlimited ')
  assert.equal(factsIn({ ...TEXTS, limits: unlimited })?.coreLimitBytes, null)
  assert.equal(factsIn({ ...TEXTS, status: STATUS.replace('S (sleeping)', 'Z (zombie)') }), null)
  assert.equal(factsIn({ ...TEXTS, status: '' }), null)
})

it('factsIn never throws', () => {
  const texts = fc.record({
    status: fc.oneof(fc.string(), fc.constant(STATUS)),
    limits: fc.string(),
    filter: fc.string(),
    uidMap: fc.string(),
    owner: fc.nat(),
  })
  fc.assert(
    fc.property(texts, found => void factsIn(found)),
    inputs(),
  )
})

it('processFacts says nothing of a process whose number is that of another container by now', async () => {
  assert.equal(await processFacts('/proc', process.pid, 'a'.repeat(64)), null)
  assert.equal(await processFacts('/proc/no-such', 1, 'a'.repeat(64)), null)
})
