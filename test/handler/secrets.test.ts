import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Secrets } from '../../handler/secrets.ts'
import { REPORT } from '../notify/sample-notification.ts'

const identity = { kind: 'container', podUid: 'uid-1', containerId: 'c', pod: null, container: null } as const

it('blankedIn() blanks what a process said, by its environment and its pod’s Secrets', async () => {
  const asked: string[] = []
  const mountedSecrets = async (podUid: string) => {
    asked.push(podUid)
    return [Buffer.from('mounted-value\n')]
  }
  const observed = { cgroup: null, environment: 'HOME=/root\0DB_PASSWORD=from-environment\0' }
  const secrets = new Secrets({ observed, identity }, { mountedSecrets })
  const said = 'no user "from-environment", "mounted-value" or "/root"'
  assert.deepEqual(asked, [])
  const crash = { reason: said, abortMessage: said, module: '/root' }
  const report = await secrets.blankedIn({ ...REPORT, crash })
  await secrets.known()
  const blank = 'no user "***", "***" or "/root"'
  assert.deepEqual(report.crash, { reason: blank, abortMessage: blank, module: '/root' })
  assert.deepEqual(asked, ['uid-1'])
})

it('Secrets ask no kubelet for a process of the node', async () => {
  const mountedSecrets = () => assert.fail('it is asked')
  const secrets = new Secrets({ observed: { cgroup: null }, identity: null }, { mountedSecrets })
  assert.equal((await secrets.known()).blank('anything at all'), 'anything at all')
})

it('inMemory() has bytes for what is known, without names of files, and goes without what is not found in time', async () => {
  const observed = { cgroup: null, environment: 'A_PASSWORD=postgres\0B_PASSWORD=hunter2hunter2\0' }
  const names = ['/usr/bin/postgres']
  const mounted = Buffer.from('ff00c328fffe0102', 'hex')
  const found = await new Secrets({ observed, identity }, { mountedSecrets: async () => [mounted] }).inMemory(
    names,
    60,
  )
  const texts = found.patterns.map(pattern => pattern.toString('latin1'))
  assert.deepEqual(texts.slice(0, 2), ['hunter2hunter2', mounted.toString('latin1')])
  assert.equal(found.isLate, false)
  const never = { mountedSecrets: () => new Promise<never>(() => undefined) }
  const late = await new Secrets({ observed, identity }, never).inMemory(names, 0.001)
  assert.equal(String(late.patterns[0]), 'hunter2hunter2')
  assert.equal(late.isLate, true)
})
