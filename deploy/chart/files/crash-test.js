/**
 * What `helm test` runs, in a pod that agreed to have its cores kept: a process crashes, and the Event that the installer
 * posts on the pod says what became of its core. Nothing but Node is needed, and the right to list Events and
 * to give this pod an owner.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

const {
  KUBERNETES_SERVICE_HOST: host,
  KUBERNETES_SERVICE_PORT: port,
  POD_NAMESPACE,
  POD_UID,
  TOKEN_FILE,
  TIMEOUT_SECONDS,
} = process.env

const HINT = `See whether an installer is ready on this node:
  kubectl -n ${POD_NAMESPACE} get pods -o wide
and what it says:
  kubectl -n ${POD_NAMESPACE} logs ds/coredog-installer
With \`collect\` in coredog.yaml, check that it wants pods of this namespace.`

const PODS = `/api/v1/namespaces/${POD_NAMESPACE}/pods`
const ACCOUNTS = `/api/v1/namespaces/${POD_NAMESPACE}/serviceaccounts`
const EVENTS = `/apis/events.k8s.io/v1/namespaces/${POD_NAMESPACE}/events`
// An installer that has just begun needs seconds, and one that runs posts an Event within a few.
const BETWEEN_CRASHES_MS = 20_000

async function ask(path, { method = 'GET', body } = {}) {
  const name = host.includes(':') ? `[${host}]` : host
  const headers = {
    authorization: `Bearer ${readFileSync(TOKEN_FILE, 'utf8').trim()}`,
    'content-type': 'application/merge-patch+json',
  }
  const answer = await fetch(`https://${name}:${port}${path}`, {
    method,
    headers,
    signal: AbortSignal.timeout(10_000),
    ...(body && { body: JSON.stringify(body) }),
  })
  if (!answer.ok) throw new Error(`the API server answered ${answer.status}: ${await answer.text()}`)
  return answer.json()
}

/** Helm leaves the pod of a test when it uninstalls; its service account goes, and takes with it what it owns. */
async function goWithTheRelease() {
  const { metadata } = await ask(`${ACCOUNTS}/coredog-test`)
  const owner = { apiVersion: 'v1', kind: 'ServiceAccount', name: 'coredog-test', uid: metadata.uid }
  await ask(`${PODS}/coredog-test`, { method: 'PATCH', body: { metadata: { ownerReferences: [owner] } } })
}

/** The Event on this pod about a crash; `undefined`: none yet. */
async function findEvent() {
  const { items } = await ask(EVENTS)
  return items.find(({ reason, regarding }) => reason.startsWith('CoreDump') && regarding?.uid === POD_UID)
}

async function waitForEvent(untilMs) {
  let problem = 'no Event about a core is on this pod'
  while (Date.now() < untilMs) {
    try {
      const event = await findEvent()
      if (event !== undefined) return { event }
    } catch (error) {
      problem = whyNot(error)
    }
    await pause(1000)
  }
  return { problem }
}

/** Crashes until an Event comes: a test right after the installation runs before any installer. */
async function crashUntilToldOf(untilMs) {
  for (;;) {
    crash()
    const { event, problem } = await waitForEvent(Math.min(untilMs, Date.now() + BETWEEN_CRASHES_MS))
    if (event !== undefined) return event
    if (Date.now() >= untilMs) throw new Error(`After ${TIMEOUT_SECONDS} seconds ${problem}.\n${HINT}`)
  }
}

function crash() {
  // Not this process: the kernel lets the first one of a container live.
  const { signal } = spawnSync(process.execPath, ['--eval', 'process.abort()'])
  process.stdout.write(`A process crashed with ${signal}.\n`)
}

function whyNot(error) {
  return `${error.message} ${error.cause?.message ?? ''}`.trim()
}

await goWithTheRelease().catch(error => {
  process.stdout.write(`This pod stays when the release is uninstalled: ${whyNot(error)}\n`)
})
try {
  const { reason, note } = await crashUntilToldOf(Date.now() + Number(TIMEOUT_SECONDS) * 1000)
  process.stdout.write(`${reason}: ${note}\n`)
  // A second test within dedupe.window is counted, and no core of it is kept: that is as it should be.
  process.exitCode = reason === 'CoreDumpFailed' ? 1 : 0
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
