import { KubeClient } from '../../kube/client.ts'
import { Lease } from '../../kube/lease.ts'

/** A process of its own that takes the Lease, says so, and lives until it is killed. */
const kube = new KubeClient(JSON.parse(process.argv[2] ?? ''))
const name = { namespace: 'coredog-system', name: 'coredog-upkeep', holder: 'killed' }
const held = await new Lease(kube, name).tryHold()
process.send?.(held === null ? 'not held' : 'held')
