/**
 * `node test/e2e/record-reviews.ts`: writes test/fixtures/admission/recorded, as the installed kube-apiserver
 * sends reviews to a webhook. By hand, after a change of its version.
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { json } from 'node:stream/consumers'
import { eventually } from './eventually.ts'
import { findKubePrograms, NO_KUBE, startKubeCluster } from './kube-cluster.ts'

const FIXTURES = path.join(import.meta.dirname, '../fixtures')
const RECORDED = path.join(FIXTURES, 'admission/recorded')
const ANNOTATIONS = { 'coredog.io/inject': 'true', 'coredog.io/path': '/corefile' }
const CONTAINER = { name: 'app', image: 'registry.example/app:1' }

const PODS = {
  'bare-pod': podOf({ name: 'crash-test' }, {}),
  'replica-set': podOf(
    { generateName: 'web-7c9d5b6f4-', ownerReferences: [owner('ReplicaSet', 'web-7c9d5b6f4')] },
    {},
  ),
  'stateful-set': podOf(
    { name: 'db-0', ownerReferences: [owner('StatefulSet', 'db')] },
    { hostname: 'db-0', subdomain: 'db' },
  ),
  job: podOf(
    { generateName: 'import-', ownerReferences: [owner('Job', 'import', 'batch/v1')] },
    { restartPolicy: 'Never' },
  ),
  'init-containers': podOf(
    { name: 'prepared' },
    {
      initContainers: [
        { name: 'migrate', image: 'registry.example/migrate:1' },
        { name: 'proxy', image: 'registry.example/proxy:1', restartPolicy: 'Always' },
      ],
    },
  ),
}

async function main(): Promise<void> {
  const programs = findKubePrograms()
  if (programs === null) throw new Error(`Cannot record reviews: ${NO_KUBE}`)
  await using cluster = await startKubeCluster(programs)
  await cluster.addNamespace('shop')
  mkdirSync(RECORDED, { recursive: true })
  const create = ['create', '--namespace=shop', '--filename=-']
  await using recorder = await openRecorder()
  await cluster.kubectl(create, recorder.webhook)
  await eventually('the first review', 30, async () => {
    await cluster.kubectl([...create, '--dry-run=server'], PODS['bare-pod'])
    return recorder.last()
  })
  for (const [name, pod] of Object.entries(PODS)) {
    await cluster.kubectl(create, pod)
    writeFileSync(path.join(RECORDED, `${name}.json`), `${JSON.stringify(recorder.last(), null, 2)}\n`)
  }
}

/** A webhook that changes nothing. */
async function openRecorder() {
  const [cert, key] = ['certificate.pem', 'key.pem'].map(name =>
    readFileSync(path.join(FIXTURES, 'kube', name)),
  ) as [Buffer, Buffer] // as many as names
  let last: Review | undefined
  const server = createServer({ cert, key }, async (request, response) => {
    last = (await json(request)) as Review
    const { apiVersion, kind } = last
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ apiVersion, kind, response: { uid: last.request.uid, allowed: true } }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens at a port
  return {
    last: () => last,
    webhook: webhookObject(`https://127.0.0.1:${port}/`, cert),
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

interface Review {
  readonly apiVersion: string
  readonly kind: string
  readonly request: { readonly uid: string }
}

function webhookObject(url: string, certificate: Buffer): object {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: 'recorder' },
    webhooks: [
      {
        name: 'recorder.test.example',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        clientConfig: { url, caBundle: certificate.toString('base64') },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
      },
    ],
  }
}

function podOf(metadata: object, spec: object): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { labels: { app: 'shop' }, annotations: ANNOTATIONS, ...metadata },
    spec: { containers: [CONTAINER], ...spec },
  }
}

function owner(kind: string, name: string, apiVersion = 'apps/v1'): object {
  return { apiVersion, kind, name, uid: randomUUID(), controller: true, blockOwnerDeletion: true }
}

await main()
