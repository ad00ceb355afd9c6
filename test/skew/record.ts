import path from 'node:path'
import { leaveOnNode } from './leave-on-node.ts'
import { THIS } from './release.ts'

/** `record.ts <checkout> <folder>`: what the sources of 0d7b037, which lay otherwise, leave on a node. */
const [checkout = '', folder = ''] = process.argv.slice(2)
await leaveOnNode(
  {
    root: path.resolve(checkout),
    handler: 'handler/main.ts',
    encodeHandoff: record => `${JSON.stringify(record)}\n`,
    encodePods: pods => JSON.stringify(pods),
    modules: {
      ...THIS.modules,
      attempts: 'installer/fallback/attempts.ts',
      events: 'installer/events.ts',
      eventOutbox: 'installer/event-outbox.ts',
      heartbeat: 'installer/heartbeat.ts',
      host: 'installer/host.ts',
      ledger: 'installer/fallback/taken.ts',
      original: 'installer/original.ts',
      refusal: 'installer/refusal.ts',
    },
  },
  path.resolve(folder),
)
