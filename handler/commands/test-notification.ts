import { newCrashId } from '../../crash/object-key.ts'
import { REPORT_SCHEMA } from '../../crash/report.ts'
import { VERSION } from '../../crash/version.ts'
import type { Notification } from '../../notify/notification.ts'
import { thisNode } from '../identity/this-node.ts'

/** What the self-test tells. */
export function testNotification(): Notification {
  const report = {
    schema: REPORT_SCHEMA,
    id: newCrashId(),
    time: new Date().toISOString(),
    node: thisNode(),
    process: { comm: 'coredog-self-test' },
    handler: { version: VERSION },
  } as const
  const reason = 'this is a test of the channel: nothing crashed'
  return { outcome: 'lost', report, link: null, corefilePath: '/corefile/coredog-self-test', reason }
}
