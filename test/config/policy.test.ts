import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { CollectConfig } from '../../config/config.ts'
import { decide, isLikelyCollected } from '../../config/policy.ts'
import type { Identity } from '../../crash/identity.ts'

const defaults: CollectConfig = {
  pods: 'annotated',
  includeNamespaces: [],
  excludeNamespaces: [],
  hostProcesses: 'forward',
  arguments: 'redacted',
  logLines: 200,
  binaries: 'executable',
  scrub: 'stacks',
  dump: 'full',
  dumpCeiling: 'full',
}

function inPod(annotations: Record<string, string>, container: string | null = 'app'): Identity {
  return {
    kind: 'container',
    containerId: 'ab'.repeat(32),
    podUid: 'uid-1',
    pod: { namespace: 'shop', name: 'web-0', uid: 'uid-1', labels: {}, annotations },
    container: container === null ? null : { name: container },
  }
}
const optedIn = inPod({ 'coredog.io/inject': 'true' })
const unknown: Identity = {
  kind: 'container',
  containerId: 'ab'.repeat(32),
  podUid: 'uid-1',
  pod: null,
  container: null,
}
const collect = { do: 'collect' }
const skip = (reason: string) => ({ do: 'skip', reason })

const cases: {
  name: string
  policy?: Partial<CollectConfig>
  identity: Identity | null
  decision: object
}[] = [
  { name: 'a pod that opted in', identity: optedIn, decision: collect },
  {
    name: 'a pod without annotations',
    identity: inPod({}),
    decision: skip('annotation coredog.io/inject not found'),
  },
  {
    name: 'a pod that opted out',
    identity: inPod({ 'coredog.io/inject': 'TRUE' }),
    decision: skip("annotation coredog.io/inject=TRUE (not 'true')"),
  },
  {
    name: 'a container that is listed',
    identity: inPod({ 'coredog.io/inject': 'true', 'coredog.io/container': 'db, app' }),
    decision: collect,
  },
  {
    name: 'a container that is not listed',
    identity: inPod({ 'coredog.io/inject': 'true', 'coredog.io/container': 'db,proxy' }),
    decision: skip('container "app" is not in annotation coredog.io/container=db,proxy'),
  },
  {
    name: 'the pause container when others are listed',
    identity: inPod({ 'coredog.io/inject': 'true', 'coredog.io/container': 'app' }, null),
    decision: skip('container "pause" is not in annotation coredog.io/container=app'),
  },
  {
    name: 'an empty list of containers',
    identity: inPod({ 'coredog.io/inject': 'true', 'coredog.io/container': ' , ' }),
    decision: collect,
  },
  { name: 'any pod, when all are wanted', policy: { pods: 'all' }, identity: inPod({}), decision: collect },
  {
    name: 'any pod, when none is wanted',
    policy: { pods: 'none' },
    identity: optedIn,
    decision: skip('collect.pods is none'),
  },
  {
    name: 'a namespace that is excluded',
    policy: { pods: 'all', excludeNamespaces: ['shop'] },
    identity: optedIn,
    decision: skip('namespace "shop" is in collect.excludeNamespaces'),
  },
  {
    name: 'a namespace that is not included',
    policy: { includeNamespaces: ['prod'] },
    identity: optedIn,
    decision: skip('namespace "shop" is not in collect.includeNamespaces'),
  },
  {
    name: 'a namespace that is included',
    policy: { includeNamespaces: ['shop'] },
    identity: optedIn,
    decision: collect,
  },
  { name: 'nobody knows whose process', identity: null, decision: collect },
  { name: 'a pod that the runtime does not tell of', identity: unknown, decision: collect },
  {
    name: 'nobody knows whose process, no pod wanted',
    policy: { pods: 'none' },
    identity: null,
    decision: skip('collect.pods is none'),
  },
  { name: 'a host process', identity: { kind: 'host' }, decision: { do: 'forward' } },
  {
    name: 'a host process, to be collected',
    policy: { hostProcesses: 'collect' },
    identity: { kind: 'host' },
    decision: collect,
  },
  {
    name: 'a host process, to be dropped',
    policy: { hostProcesses: 'drop' },
    identity: { kind: 'host' },
    decision: skip('collect.hostProcesses is drop'),
  },
  {
    name: 'a container of plain Docker',
    identity: { ...unknown, podUid: null },
    decision: { do: 'forward' },
  },
  {
    name: 'a container of which nobody says whether it is in a pod',
    identity: { ...unknown, podUid: null, unanswered: 'no answer in 2 s' },
    decision: collect,
  },
]
for (const { name, policy, identity, decision } of cases) {
  it(`decide() for ${name}: ${JSON.stringify(decision)}`, () => {
    assert.deepEqual(decide({ ...defaults, ...policy }, identity), decision)
  })
}

const likely: { name: string; policy?: Partial<CollectConfig>; identity: Identity; isLikely: boolean }[] = [
  { name: 'a pod that opted in', identity: optedIn, isLikely: true },
  { name: 'a pod without annotations', identity: inPod({}), isLikely: false },
  { name: 'a pod of which nothing is known', identity: unknown, isLikely: false },
  {
    name: 'a pod of which nothing is known, among all',
    policy: { pods: 'all' },
    identity: unknown,
    isLikely: true,
  },
  {
    name: 'a pod of which nothing is known, among all of some namespaces',
    policy: { pods: 'all', includeNamespaces: ['shop'] },
    identity: unknown,
    isLikely: false,
  },
  { name: 'a process of the node', identity: { kind: 'host' }, isLikely: false },
  {
    name: 'a process of the node, which are collected',
    policy: { hostProcesses: 'collect' },
    identity: { kind: 'host' },
    isLikely: true,
  },
]
for (const { name, policy, identity, isLikely } of likely) {
  it(`isLikelyCollected() of ${name}`, () =>
    assert.equal(isLikelyCollected({ ...defaults, ...policy }, identity), isLikely))
}
