import assert from 'node:assert/strict'
import { it } from 'node:test'
import { secretsOf, withoutSecrets } from '../../handler/secrets.ts'
import { REPORT } from '../notify/sample-notification.ts'

const identity = { kind: 'container', podUid: 'uid-1', containerId: 'c', pod: null, container: null } as const

it('withoutSecrets() blanks what a process said, by its environment and its pod’s Secrets', async () => {
  const asked: string[] = []
  const mountedSecrets = async (podUid: string) => {
    asked.push(podUid)
    return ['mounted-value\n']
  }
  const observed = { cgroup: null, environment: 'HOME=/root\0DB_PASSWORD=from-environment\0' }
  const secrets = await secretsOf({ observed, identity }, { mountedSecrets })
  const said = 'no user "from-environment", "mounted-value" or "/root"'
  const report = withoutSecrets(
    { ...REPORT, crash: { reason: said, abortMessage: said, module: '/root' } },
    secrets,
  )
  const blank = 'no user "***", "***" or "/root"'
  assert.deepEqual(report.crash, { reason: blank, abortMessage: blank, module: '/root' })
  assert.deepEqual(asked, ['uid-1'])
})

it('secretsOf() asks no kubelet for a process of the node', async () => {
  const mountedSecrets = () => assert.fail('it is asked')
  const secrets = await secretsOf({ observed: { cgroup: null }, identity: null }, { mountedSecrets })
  assert.equal(secrets.blank('anything at all'), 'anything at all')
})
