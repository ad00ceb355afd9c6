import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs'
import path from 'node:path'
import type { Logger } from 'pino'
import { fieldsOf } from '../../crash/fields.ts'
import { isOfAnotherVersion, LEFT_ALONE, LEFT_ALONE_HINT } from '../../handoff/format-version.ts'
import {
  type HandoffConditionalWrites,
  type HandoffContainer,
  type HandoffNode,
  type HandoffPod,
  RUN_FILES,
} from '../../handoff/run-folder.ts'
import type { HandoffAddresses } from '../../network/handoff-lookup.ts'
import type { HandoffCredentials } from '../../storage/s3/s3-credentials.ts'

/**
 * What the installer left in `/run/coredog`. What is not there, or cannot be trusted, is `null`: all works
 * without.
 */
export interface Handoff {
  node(): HandoffNode | null
  pods(): readonly HandoffPod[] | null
  addresses(): HandoffAddresses | null
  credentials(): HandoffCredentials | null
  conditionalWrites(): HandoffConditionalWrites | null
}

/**
 * Reads each file when it is asked for, and synchronously: they are small, in memory, and wanted while a
 * process is held. `log` hears of files of another version.
 */
export function readHandoff(runFolder: string, log?: Logger): Handoff {
  const read = (name: keyof typeof RUN_FILES) => {
    const found = trustedJson(runFolder, RUN_FILES[name])
    const others = Array.isArray(found) ? found.some(isOfAnotherVersion) : isOfAnotherVersion(found)
    if (others) log?.warn({ file: path.join(runFolder, RUN_FILES[name]), hint: LEFT_ALONE_HINT }, LEFT_ALONE)
    return isOfAnotherVersion(found) ? null : found
  }
  return {
    node: () => asNode(read('node')),
    pods: () => asPods(read('pods')),
    addresses: () => asAddresses(read('addresses')),
    credentials: () => asCredentials(read('credentials')),
    conditionalWrites: () => asConditionalWrites(read('conditionalWrites')),
  }
}

// A node has 250 pods at most by default, of about 2 KiB each here.
const LARGEST_FILE_BYTES = 8 * 1024 * 1024

/** Only what root alone can have written: it says whose a crash is, and where cores go. */
function trustedJson(folder: string, name: string): unknown {
  let file: number | null = null
  try {
    if (!isOurs(statSync(folder))) return null
    file = openSync(path.join(folder, name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const stats = fstatSync(file)
    if (!stats.isFile() || !isOurs(stats) || stats.size > LARGEST_FILE_BYTES) return null
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // Not there, or not JSON: as good as no installer.
    return null
  } finally {
    if (file !== null) closeSync(file)
  }
}

const WRITABLE_BY_OTHERS = 0o022

function isOurs({ uid, mode }: Stats): boolean {
  return uid === process.geteuid?.() && (mode & WRITABLE_BY_OTHERS) === 0
}

function asNode(value: unknown): HandoffNode | null {
  const { name, ip, cluster, hasApi } = fieldsOf(value)
  if (!isName(name)) return null
  return {
    name,
    ...(isName(ip) && { ip }),
    ...(isName(cluster) && { cluster }),
    ...(hasApi === true && { hasApi }),
  }
}

/** A pod that cannot be read is left out; the others are as good as before. */
function asPods(value: unknown): readonly HandoffPod[] | null {
  return Array.isArray(value) ? value.map(asPod).filter(pod => pod !== null) : null
}

function asPod(value: unknown): HandoffPod | null {
  const { namespace, name, uid, labels, annotations, workload, containers } = fieldsOf(value)
  if (isOfAnotherVersion(value) || !isName(namespace) || !isName(name) || !isName(uid)) return null
  const { kind, name: workloadName } = fieldsOf(workload)
  return {
    namespace,
    name,
    uid,
    labels: textsIn(labels),
    annotations: textsIn(annotations),
    ...(isName(kind) && isName(workloadName) ? { workload: { kind, name: workloadName } } : {}),
    containers: Array.isArray(containers)
      ? containers.map(asContainer).filter(container => container !== null)
      : [],
  }
}

function asContainer(value: unknown): HandoffContainer | null {
  const { name, id, image, imageId, restartCount, startedAt, finishedAt } = fieldsOf(value)
  if (!isName(name) || typeof id !== 'string' || !/^[0-9a-f]{64}$/.test(id)) return null
  return {
    name,
    id,
    ...(isName(image) ? { image } : {}),
    ...(isName(imageId) ? { imageId } : {}),
    ...(Number.isSafeInteger(restartCount) ? { restartCount: restartCount as number } : {}),
    ...(isName(startedAt) ? { startedAt } : {}),
    ...(isName(finishedAt) ? { finishedAt } : {}),
  }
}

function asAddresses(value: unknown): HandoffAddresses | null {
  if (Object.keys(fieldsOf(value)).length === 0) return null
  const named = Object.entries(fieldsOf(value)).map(
    ([host, addresses]) => [host, Array.isArray(addresses) ? addresses.filter(isName) : []] as const,
  )
  return Object.fromEntries(named.filter(([, addresses]) => addresses.length > 0))
}

function asCredentials(value: unknown): HandoffCredentials | null {
  const { accessKeyId, secretAccessKey, sessionToken, expiresAt } = fieldsOf(value)
  if (!isName(accessKeyId) || !isName(secretAccessKey)) return null
  return {
    accessKeyId,
    secretAccessKey,
    ...(isName(sessionToken) ? { sessionToken } : {}),
    ...(isName(expiresAt) ? { expiresAt } : {}),
  }
}

function asConditionalWrites(value: unknown): HandoffConditionalWrites | null {
  const { store, works, reason, triedAt } = fieldsOf(value)
  if (!isName(store) || typeof works !== 'boolean' || !isName(triedAt)) return null
  return { store, works, triedAt, ...(isName(reason) && { reason }) }
}

function textsIn(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fieldsOf(value)).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  )
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
