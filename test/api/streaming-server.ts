import { pino } from 'pino'
import { Authentication } from '../../api/authentication.ts'
import { capacity } from '../../api/capacity.ts'
import { API_LIMITS } from '../../api/limits.ts'
import { createMetrics } from '../../api/metrics.ts'
import { servedGroups } from '../../api/resources.ts'
import { ApiServer } from '../../api/server.ts'
import { keepHeapSmall } from '../../api/small-heap.ts'
import { parseConfig } from '../../config/parse-config.ts'
import { CrashIndex } from '../../crash-index/crash-index.ts'
import { listenTls } from '../../serving/server.ts'
import { openStore } from '../../storage/open-store.ts'
import { keyPair } from '../webhook/serving.ts'
import { PUBLISHED } from './front-proxy.ts'
import { CLUSTER } from './served.ts'

// streaming-server.ts ENDPOINT: the server as `coredog-handler api run` puts it together, of a bucket at ENDPOINT, with
// nothing of a cluster: whoever the front proxy names may do everything. It writes its port.
keepHeapSmall()
const [endpoint] = process.argv.slice(2)
const s3 = {
  StoreDir: '/',
  s3AccesskeyID: 'key',
  s3SecretAccessKey: 'secret',
  s3Region: 'us-east-1',
  S3Bucket: 'cores',
}
const { config } = parseConfig(
  JSON.stringify({ StorageConfig: { protocol: 's3', ...s3, S3Endpoint: endpoint } }),
)
const store = openStore(config.storage)
const log = pino({ level: 'info' }, { write: () => undefined })
const authentication = new Authentication(log, pem => listening.believeClientsOf(pem))
const mayDo = async () => true
const server = new ApiServer({
  ...{ authentication, metrics: createMetrics(), log, mayDo },
  isReady: () => true,
  isLeaving: () => false,
  welcome: socket => listening.welcome(socket),
})
const listening = await listenTls(0, server.listener, { log, ...API_LIMITS })
listening.useKeyPair(keyPair('kube'))
authentication.take(PUBLISHED)
const outside = { store, index: new CrashIndex(store), cluster: CLUSTER, log, mayDo }
const namespaceCreated = async () => new Date(0)
server.use(servedGroups({ ...outside, namespaceCreated }, { detectorPaths: true, capacity: capacity() }))
process.stdout.write(`${listening.port}\n`)
