import { pino } from 'pino'
import { parseConfig } from '../../config/parse-config.ts'
import { takeByHandler } from '../../fallback/take-core.ts'
import { watchDumps } from '../../fallback/watch-dumps.ts'
import { Host } from '../../handoff/host.ts'

// A watcher in a process of its own, to be killed: the node's root, and the handler.
const [root = '', program = ''] = process.argv.slice(2)
const text =
  'StorageConfig: {protocol: cfs, CFSMountPath: /, DeleteLocalCorefile: true}\nfallback: {hostPath: true}\nCorefileDir: /nowhere'
const { config } = parseConfig(text)
const options = { config, host: new Host(root), log: pino({ enabled: false }) }
const take = takeByHandler({ program, configFile: '/nowhere', root })
await watchDumps(
  { ...options, recorder: { recordNodeEvent: () => undefined }, take },
  new AbortController().signal,
)
