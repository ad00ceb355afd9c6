import assert from 'node:assert/strict'
import { it } from 'node:test'
import { crashAndFollow } from '../../../cli/test/crash-and-follow.ts'
import { toldToChat } from '../../../cli/test/told.ts'
import { nodeView, PretendedCluster, proxied } from '../nodes/pretended-cluster.ts'

const FOLLOWING = {
  namespace: 'shop',
  job: 'coredog-test-x',
  signal: new AbortController().signal,
  say: () => undefined,
  pause: async () => undefined,
}
const POD = { metadata: { name: 'p', uid: 'u' }, spec: { nodeName: 'node-1' } }

for (const { items, says } of [
  { items: [], says: /After 0 s no pod of the test was placed on a node/ },
  { items: [POD], says: /After 0 s its process has not ended/ },
  {
    items: [{ ...POD, status: { containerStatuses: [{ state: { terminated: { exitCode: 139 } } }] } }],
    says: /After 0 s no Event tells of its core/,
  },
])
  it(`crashAndFollow() says after its time: ${says.source}`, async () => {
    const cluster = new PretendedCluster({
      '/api/v1/namespaces/shop/pods': { items },
      '/api/v1/namespaces/shop/events': { items: [] },
    })
    await assert.rejects(crashAndFollow(cluster, { ...FOLLOWING, timeoutSeconds: 0 }), says)
  })

it('toldToChat() looks again while a message waits, and not for ever', async () => {
  const waiting = [{ name: 'outbox', files: 2, bytes: 9 }]
  const views = [nodeView('node-1', { waiting }), nodeView('node-1')]
  const path = proxied('node-1', '/status.json')
  const installer = {
    namespace: 'coredog-system',
    name: 'coredog-installer-node-1',
    ready: true,
    port: 9464,
    pullSecrets: [],
  }
  const told = (cluster: PretendedCluster) =>
    toldToChat(cluster, installer, FOLLOWING.signal, FOLLOWING.pause)
  assert.deepEqual(await told(new PretendedCluster({ [path]: () => views.shift() ?? {} })), {
    told: true,
    what: 'the chats were told: no message waits on the node',
  })
  const never = new PretendedCluster({ [path]: nodeView('node-1', { waiting }) })
  assert.deepEqual(await told(never), {
    told: false,
    what: '2 messages wait on the node for a chat that has not taken them',
  })
  assert.equal(never.asked.length, 10)
})
