/**
 * What `helm test` runs, in a pod that agreed to have its cores kept: a process crashes, and the Event that the installer
 * posts on the pod says what became of its core. Nothing but Node is needed, and the right to list Events.
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

/** The Event on this pod about a crash; `undefined`: none yet. */
async function findEvent() {
  const name = host.includes(':') ? `[${host}]` : host
  const url = `https://${name}:${port}/apis/events.k8s.io/v1/namespaces/${POD_NAMESPACE}/events`
  const headers = { authorization: `Bearer ${readFileSync(TOKEN_FILE, 'utf8').trim()}` }
  const answer = await fetch(url, { headers, signal: AbortSignal.timeout(10_000) })
  if (!answer.ok) throw new Error(`the API server answered ${answer.status}: ${await answer.text()}`)
  const { items } = await answer.json()
  return items.find(({ reason, regarding }) => reason.startsWith('CoreDump') && regarding?.uid === POD_UID)
}

async function waitForEvent(untilMs) {
  let problem = 'no Event about a core is on this pod'
  while (Date.now() < untilMs) {
    try {
      const event = await findEvent()
      if (event !== undefined) return event
    } catch (error) {
      problem = `${error.message} ${error.cause?.message ?? ''}`.trim()
    }
    await pause(1000)
  }
  throw new Error(`After ${TIMEOUT_SECONDS} seconds ${problem}.\n${HINT}`)
}

// Not this process: the kernel lets the first one of a container live.
const { signal } = spawnSync(process.execPath, ['--eval', 'process.abort()'])
process.stdout.write(`A process crashed with ${signal}.\n`)
try {
  const { reason, note } = await waitForEvent(Date.now() + Number(TIMEOUT_SECONDS) * 1000)
  process.stdout.write(`${reason}: ${note}\n`)
  // A second test within dedupe.window is counted, and no core of it is kept: that is as it should be.
  process.exitCode = reason === 'CoreDumpFailed' ? 1 : 0
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
