import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import { describe, it, type TestContext } from 'node:test'
import { connect, createServer } from 'node:tls'
import { pino } from 'pino'
import { KubeClient } from '../../../kube/client.ts'
import type { KubeObject } from '../../../kube/objects.ts'
import { issueServing, makeAuthority } from '../../../serving/certificate/issue.ts'
import { keepCertificate } from '../../../serving/certificate/keeper.ts'
import type { KeyPair } from '../../../serving/certificate/key-pair.ts'
import { certificatesIn, dataOf, keptIn, type Secret } from '../../../serving/certificate/secret.ts'
import { type WebhookConfiguration, webhookCaller } from '../../../serving/certificate/webhook-caller.ts'
import { type FakeKube, startFakeKube } from '../../fakes/fake-kube.ts'

const NAMESPACE = 'coredog-system'
const SECRET = `/api/v1/namespaces/${NAMESPACE}/secrets/coredog-webhook-certificate`
const CONFIGURATION =
  '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/coredog-webhook-config'
const HOST = 'coredog-webhook.coredog-system.svc'

/** The clock's days are counted from now, since a real handshake looks at the real clock. */
class World {
  days = 0
  readonly fake: FakeKube
  readonly kube: KubeClient

  constructor(fake: FakeKube) {
    this.fake = fake
    this.kube = new KubeClient(fake.access)
  }

  readonly now = () => new Date(Date.now() + this.days * 86_400_000)

  async secret(): Promise<Secret> {
    return await this.kube.get<Secret>(SECRET)
  }

  async configuration(): Promise<WebhookConfiguration> {
    return await this.kube.get<WebhookConfiguration>(CONFIGURATION)
  }

  async bundle(): Promise<string> {
    const { webhooks = [] } = await this.configuration()
    return Buffer.from(webhooks[0]?.clientConfig?.caBundle ?? '', 'base64').toString()
  }

  replica(): Replica {
    return new Replica(this)
  }
}

/** A keeper that looks once each time that it is told to. */
class Replica {
  readonly pairs: KeyPair[] = []
  readonly logged: string[] = []
  readonly #world: World
  readonly #stop = new AbortController()
  #go = Promise.withResolvers<void>()
  #paused = Promise.withResolvers<number>()
  #done: Promise<void> | null = null

  constructor(world: World) {
    this.#world = world
  }

  get served(): KeyPair | undefined {
    return this.pairs.at(-1)
  }

  /** Gives the seconds that it would wait. */
  async look(): Promise<number> {
    if (this.#done === null) this.#done = this.#run()
    else this.#go.resolve()
    const seconds = await this.#paused.promise
    this.#paused = Promise.withResolvers()
    return seconds
  }

  /** Until it has nothing more to do. */
  async settle(): Promise<void> {
    while ((await this.look()) !== 60);
  }

  async end(): Promise<void> {
    this.#stop.abort()
    this.#go.resolve()
    await this.#done
  }

  async #run(): Promise<void> {
    const lines = new PassThrough()
    lines.on('data', line => this.logged.push(String(line)))
    const { kube, now } = this.#world
    await keepCertificate(
      {
        kube,
        now,
        namespace: NAMESPACE,
        serviceName: 'coredog-webhook',
        secretName: 'coredog-webhook-certificate',
        owner: 'coredog-webhook',
        callers: [webhookCaller('coredog-webhook-config')],
        log: pino({}, lines),
        pause: async seconds => {
          this.#go = Promise.withResolvers()
          this.#paused.resolve(seconds)
          await this.#go.promise
        },
      },
      pair => this.pairs.push(pair),
      this.#stop.signal,
    )
  }
}

function configuration(caBundle?: string): KubeObject {
  const service = { namespace: NAMESPACE, name: 'coredog-webhook', path: '/mutate', port: 443 }
  return {
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: 'coredog-webhook-config' },
    webhooks: [
      {
        name: 'pod-inject.coredog.io',
        clientConfig: { service, ...(caBundle && { caBundle }) },
        failurePolicy: 'Ignore',
      },
      {
        name: 'somebody.else',
        clientConfig: { service: { namespace: 'x', name: 'y' }, caBundle: 'dGhlaXJz' },
      },
    ],
  } as KubeObject // with what is of this kind only
}

/** As deploy/webhook/secret.yaml makes it. */
function emptySecret(): Secret {
  const annotations = { 'app.kubernetes.io/managed-by': 'coredog-webhook' }
  const metadata = { namespace: NAMESPACE, name: 'coredog-webhook-certificate', annotations }
  return { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque' }
}

/** With an empty Secret, unless one is among `objects`. */
async function start(t: TestContext, ...objects: KubeObject[]): Promise<World & { one: Replica }> {
  const hasSecret = objects.some(({ kind }) => kind === 'Secret')
  const fake = await startFakeKube({ objects: hasSecret ? objects : [...objects, emptySecret()] })
  const world = Object.assign(new World(fake), { one: null as unknown as Replica }) // set below
  world.one = replicaOf(t, world)
  t.after(async () => {
    await world.kube.close()
    await fake.close()
  })
  return world
}

function replicaOf(t: TestContext, world: World): Replica {
  const replica = world.replica()
  t.after(() => replica.end())
  return replica
}

/** Rejects unless who believes in `ca` alone gets through. */
async function shakeHands({ certificate, key }: KeyPair, ca: string): Promise<void> {
  const server = createServer({ cert: certificate, key }, socket => socket.end())
  server.on('tlsClientError', () => undefined) // the client tells
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // listens on TCP
  const client = connect({ host: '127.0.0.1', port, ca, servername: HOST })
  try {
    await once(client, 'secureConnect')
  } finally {
    client.destroy()
    server.close()
  }
}

describe('keepCertificate', () => {
  it('makes a certificate that the configuration trusts, and touches nothing else (seeds A74, A76)', async t => {
    const world = await start(t, configuration())
    await world.one.settle()
    await shakeHands(world.one.served!, await world.bundle())
    const { metadata: _, ...after } = await world.configuration()
    const { metadata: __, ...expected } = configuration(Buffer.from(await world.bundle()).toString('base64'))
    assert.deepEqual(after, expected)
    const { type, data } = await world.secret()
    assert.equal(type, 'Opaque')
    assert.deepEqual(Object.keys(data ?? {}).sort(), ['ca.crt', 'ca.key', 'tls.crt', 'tls.key'])
  })

  it('never logs a key', async t => {
    const world = await start(t, configuration())
    await world.one.settle()
    const text = world.one.logged.join('')
    assert.match(text, /certificate taken into use/)
    assert.doesNotMatch(text, /PRIVATE|BEGIN/)
  })

  it('lets two replicas that start at once serve the same', async t => {
    const world = await start(t, configuration())
    const two = replicaOf(t, world)
    await Promise.all([world.one.settle(), two.settle()])
    assert.deepEqual(world.one.served, two.served)
    assert.doesNotMatch([...world.one.logged, ...two.logged].join(''), /not (kept|written)/)
    await shakeHands(two.served!, await world.bundle())
  })

  it('changes nothing at a restart', async t => {
    const world = await start(t, configuration())
    await world.one.settle()
    const before = await world.secret()
    const restarted = replicaOf(t, world)
    await restarted.settle()
    assert.deepEqual(await world.secret(), before)
    assert.deepEqual(restarted.pairs, [world.one.served])
  })

  it('renews at two thirds of the life, by the same authority, and every replica follows', async t => {
    const world = await start(t, configuration())
    world.days = -61
    const two = replicaOf(t, world)
    await Promise.all([world.one.settle(), two.settle()])
    const bundle = await world.bundle()
    world.days = 0
    await Promise.all([world.one.settle(), two.settle()])
    await Promise.all([world.one.settle(), two.settle()])
    assert.equal(world.one.pairs.length, 2)
    assert.deepEqual(world.one.served, two.served)
    assert.equal(await world.bundle(), bundle)
    for (const pair of two.pairs) await shakeHands(pair, bundle)
  })

  it('renews the authority: it is trusted before anybody serves with it, and the old one goes last', async t => {
    const world = await start(t, configuration())
    world.days = -2440
    await world.one.settle()
    const first = await world.bundle()
    world.days = -20
    await world.one.settle()
    const old = world.one.served!
    world.days = 0
    await world.one.settle()
    assert.equal(world.one.served, old)
    assert.equal(certificatesIn(await world.bundle()).length, 2)
    await shakeHands(old, await world.bundle())
    await world.one.settle()
    assert.notEqual(world.one.served, old)
    await shakeHands(old, await world.bundle())
    await shakeHands(world.one.served!, await world.bundle())
    await assert.rejects(shakeHands(world.one.served!, first))
    world.days = 61
    await world.one.settle()
    assert.equal(certificatesIn(await world.bundle()).length, 1)
  })

  it('goes on with the old authority while the new one cannot be put into the configuration', async t => {
    const world = await start(t, configuration())
    world.days = -2440
    await world.one.settle()
    world.days = -20
    await world.one.settle()
    const old = world.one.served!
    world.days = 0
    world.fake.deny('patch mutatingwebhookconfigurations')
    for (let round = 0; round < 3; round += 1) await world.one.settle()
    assert.equal(world.one.served, old)
    assert.equal(keptIn(await world.secret()).serving.certificate, old.certificate)
    assert.equal(world.one.logged.filter(line => line.includes('caBundle not written')).length, 1)
    world.fake.allow('patch mutatingwebhookconfigurations')
    await world.one.settle()
    await world.one.settle()
    assert.notEqual(world.one.served, old)
  })

  it('serves nothing of an authority that is not trusted while what it has is good', async t => {
    const world = await start(t, configuration())
    await world.one.settle()
    world.fake.put(emptySecret())
    world.fake.deny('patch mutatingwebhookconfigurations')
    await world.one.settle()
    assert.equal(world.one.pairs.length, 1)
    world.fake.allow('patch mutatingwebhookconfigurations')
    await world.one.settle()
    assert.equal(world.one.pairs.length, 2)
    await shakeHands(world.one.served!, await world.bundle())
  })

  it('puts the caBundle back when somebody empties it', async t => {
    const world = await start(t, configuration())
    await world.one.settle()
    const bundle = await world.bundle()
    world.fake.put(configuration())
    await world.one.settle()
    assert.equal(await world.bundle(), bundle)
    assert.equal(world.one.pairs.length, 1)
  })

  it('says once that there is no configuration, serves all the same, and fills it when it comes', async t => {
    const world = await start(t)
    await world.one.settle()
    await world.one.settle()
    assert.equal(world.one.logged.filter(line => line.includes('no API server asks this webhook')).length, 1)
    world.fake.put(configuration())
    await world.one.settle()
    await shakeHands(world.one.served!, await world.bundle())
  })

  it('keeps what it serves during an outage, and tells of it once', async t => {
    const world = await start(t, configuration())
    await world.one.settle()
    const failing = Array.from({ length: 3 }, () => 'reset' as const)
    world.fake.failNext('get mutatingwebhookconfigurations', ...failing)
    for (const _ of failing) assert.equal(await world.one.look(), 5)
    assert.equal(await world.one.look(), 60)
    assert.equal(world.one.pairs.length, 1)
    assert.equal(world.one.logged.filter(line => line.includes('certificate not kept')).length, 1)
  })

  it('makes no Secret, says once that there is none, and fills it when it comes', async t => {
    const world = await start(t, configuration())
    world.fake.remove(emptySecret())
    for (let round = 0; round < 2; round += 1) assert.equal(await world.one.look(), 5)
    assert.equal(world.one.logged.filter(line => line.includes('Cannot find Secret')).length, 1)
    assert.ok(world.fake.requests.every(({ action }) => !action.startsWith('create')))
    world.fake.put(emptySecret())
    await world.one.settle()
    await shakeHands(world.one.served!, await world.bundle())
  })

  const spoilt: Record<string, (data: Record<string, string>) => Record<string, string>> = {
    'has no entries': () => ({}),
    'holds garbage': data => Object.fromEntries(Object.keys(data).map(key => [key, 'AAAA'])),
    'lacks the key': ({ 'tls.key': _, ...rest }) => rest,
    "lacks the authority's key": ({ 'ca.key': _, ...rest }) => rest,
    'has a key that does not match': data => ({ ...data, 'tls.key': data['ca.key']! }),
  }
  for (const [what, spoil] of Object.entries(spoilt))
    it(`replaces a Secret of ours that ${what}`, async t => {
      const world = await start(t, configuration())
      await world.one.settle()
      const secret = await world.secret()
      world.fake.put({ ...secret, data: spoil({ ...secret.data }) } as KubeObject)
      await world.one.settle()
      assert.equal(world.one.pairs.length, 2)
      await shakeHands(world.one.served!, await world.bundle())
    })

  it('replaces a certificate for another service', async t => {
    const authority = await makeAuthority(new Date())
    const serving = await issueServing(authority, ['old.coredog-system.svc'], new Date())
    const kept = { serving, authorities: [authority.certificate], authorityKey: authority.key }
    const world = await start(t, configuration(), { ...emptySecret(), data: dataOf(kept) } as Secret)
    await world.one.settle()
    await shakeHands(world.one.served!, authority.certificate)
  })

  it('replaces a certificate that has expired', async t => {
    const world = await start(t, configuration())
    world.days = -100
    await world.one.settle()
    world.days = 0
    await world.one.settle()
    await shakeHands(world.one.served!, await world.bundle())
  })

  it('uses a Secret that somebody gave as it is, and trusts its ca.crt', async t => {
    const { given, authority } = await givenSecret()
    const world = await start(t, configuration(), given)
    await world.one.settle()
    const { metadata: _, ...after } = await world.secret()
    const { metadata: __, ...before } = given
    assert.deepEqual(after, before)
    assert.equal(await world.bundle(), authority.certificate)
    await shakeHands(world.one.served!, await world.bundle())
  })

  it('leaves the caBundle alone for a given Secret that does not say whose it is', async t => {
    const { given } = await givenSecret('ca.crt')
    const world = await start(t, configuration('dGhlaXJz'), given)
    await world.one.settle()
    assert.equal(await world.bundle(), 'theirs')
    assert.deepEqual(world.one.served, keptIn(given).serving)
  })

  it('trusts a given certificate that signed itself, as the original made them (seeds A76)', async t => {
    const own = await makeAuthority(new Date())
    const { given } = await givenSecret('ca.crt')
    const data = {
      'tls.crt': Buffer.from(own.certificate).toString('base64'),
      'tls.key': Buffer.from(own.key).toString('base64'),
    }
    const world = await start(t, configuration(), { ...given, data } as Secret)
    await world.one.settle()
    assert.equal(await world.bundle(), own.certificate)
  })

  it('never overwrites a given Secret that is of no use, and says what to do', async t => {
    const { given } = await givenSecret('tls.key')
    const world = await start(t, configuration(), given)
    assert.equal(await world.one.look(), 5)
    assert.equal(world.one.pairs.length, 0)
    assert.deepEqual((await world.secret()).data, given.data)
    assert.match(world.one.logged.join(''), /has another key.*delete the Secret/)
  })
})

/** As cert-manager's: without the name of who keeps it, or the authority's key, or what is in `without`. */
async function givenSecret(...without: string[]): Promise<{ given: Secret; authority: KeyPair }> {
  const authority = await makeAuthority(new Date())
  const serving = await issueServing(authority, [HOST], new Date())
  const kept = { serving, authorities: [authority.certificate], authorityKey: '' }
  const data = Object.entries(dataOf(kept)).filter(([name]) => !['ca.key', ...without].includes(name))
  const metadata = { namespace: NAMESPACE, name: 'coredog-webhook-certificate' }
  return { given: { ...emptySecret(), metadata, data: Object.fromEntries(data) }, authority }
}
