import { spawnSync } from 'node:child_process'
import { isSea } from 'node:sea'
import { messageOf, OperatorError } from '../crash/errors.ts'
import { inCluster } from '../kube/access.ts'
import { KubeClient } from '../kube/client.ts'
import type { KubeObject } from '../kube/objects.ts'
import { pause } from '../time/pause.ts'

/** Of the pod that crashes, as the kubelet tells it. */
export interface CrashTest {
  readonly namespace: string
  readonly podUid: string
  readonly timeoutSeconds: number
  /** Where token and authority of its service account are. */
  readonly serviceAccount: string
  /** We are the process that crashes. */
  readonly crash?: true
}

interface PodEvent extends KubeObject {
  readonly reason?: string
  readonly note?: string
  readonly regarding?: { readonly uid?: string }
}

// An installer that has just begun needs seconds, and one that runs posts an Event within a few.
const BETWEEN_CRASHES_SECONDS = 20
const BETWEEN_LOOKS_SECONDS = 1
const NEVER = new AbortController().signal

/**
 * What `helm test` runs, in a pod that agreed to have its cores kept: a process crashes, and the Event that the
 * installer posts on the pod says what became of its core. Rejects if that was not to be kept, or no Event came.
 */
export async function crashTest(test: CrashTest): Promise<void> {
  if (test.crash === true) process.abort()
  const access = inCluster(process.env, test.serviceAccount)
  if (access === null)
    throw new OperatorError('Cannot test here: this is no pod', '`helm test coredog` runs it in one.')
  const kube = new KubeClient(access)
  try {
    await goWithTheRelease(kube, test)
    const { reason, note } = await crashUntilToldOf(kube, test)
    process.stdout.write(`${reason}: ${note}\n`)
    // A second test within dedupe.window is counted, and no core of it is kept: that is as it should be.
    if (reason === 'CoreDumpFailed') process.exitCode = 1
  } finally {
    await kube.close()
  }
}

/** Helm leaves the pod of a test when it uninstalls; its service account goes, and takes with it what it owns. */
async function goWithTheRelease(kube: KubeClient, { namespace }: CrashTest): Promise<void> {
  const within = `/api/v1/namespaces/${namespace}`
  try {
    const { metadata } = await kube.get<KubeObject>(`${within}/serviceaccounts/coredog-test`)
    const owner = { apiVersion: 'v1', kind: 'ServiceAccount', name: 'coredog-test', uid: metadata?.uid }
    await kube.patch(`${within}/pods/coredog-test`, { metadata: { ownerReferences: [owner] } })
  } catch (error) {
    process.stdout.write(`This pod stays when the release is uninstalled: ${messageOf(error)}\n`)
  }
}

/** Crashes until an Event comes: a test right after the installation runs before any installer. */
async function crashUntilToldOf(kube: KubeClient, test: CrashTest): Promise<PodEvent> {
  const untilMs = Date.now() + test.timeoutSeconds * 1000
  for (;;) {
    crash()
    const nextMs = Math.min(untilMs, Date.now() + BETWEEN_CRASHES_SECONDS * 1000)
    const found = await waitForEvent(kube, test, nextMs)
    if (typeof found !== 'string') return found
    if (Date.now() >= untilMs)
      throw new OperatorError(`After ${test.timeoutSeconds} seconds: ${found}.`, hint(test))
  }
}

/** Not this process: the kernel lets the first one of a container live. */
function crash(): void {
  const own = isSea() ? ['installer'] : [process.argv[1] ?? '']
  const { signal } = spawnSync(process.execPath, [...own, 'crash-test', '--crash'])
  process.stdout.write(`A process crashed with ${signal}.\n`)
}

/** The Event on this pod about a crash, or why there is none. It is looked for once at least: to crash takes time. */
async function waitForEvent(kube: KubeClient, test: CrashTest, untilMs: number): Promise<PodEvent | string> {
  let problem = 'no Event about a core is on this pod'
  do {
    try {
      const event = await findEvent(kube, test)
      if (event !== undefined) return event
    } catch (error) {
      problem = messageOf(error)
    }
    await pause(BETWEEN_LOOKS_SECONDS, NEVER)
  } while (Date.now() < untilMs)
  return problem
}

async function findEvent(kube: KubeClient, { namespace, podUid }: CrashTest): Promise<PodEvent | undefined> {
  const { items } = await kube.list<PodEvent>(`/apis/events.k8s.io/v1/namespaces/${namespace}/events`)
  return items.find(
    ({ reason = '', regarding }) => reason.startsWith('CoreDump') && regarding?.uid === podUid,
  )
}

function hint({ namespace }: CrashTest): string {
  return `See whether an installer is ready on this node:
  kubectl -n ${namespace} get pods -o wide
and what it says:
  kubectl -n ${namespace} logs ds/coredog-installer
With \`collect\` in coredog.yaml, check that it wants pods of this namespace.`
}
