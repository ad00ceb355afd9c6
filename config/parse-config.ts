import path from 'node:path'
import type { Config, FallbackConfig, LimitsConfig } from './config.ts'
import type { ValueOf } from './declaration.ts'
import { type ConfigWarning, Findings } from './findings.ts'
import { KEYS } from './keys.ts'
import { networkConfig } from './network-config.ts'
import { warnOfNoEffect } from './no-effect.ts'
import { coreSightConfig, customHandlerConfig, noticeConfig } from './notice-config.ts'
import { receiversIn } from './receivers/all.ts'
import { retentionConfig, tagged } from './retention-config.ts'
import { readSettings } from './settings.ts'
import { show } from './show.ts'
import { storageConfig } from './storage-config.ts'
import { symbolSources } from './symbol-sources.ts'
import { readTree } from './tree.ts'

interface ParseOptions {
  /** A second text of the same shape. What it says wins; what it leaves empty does not. */
  readonly secrets?: string
  /** What messages call the two. */
  readonly file?: string
  readonly secretsFile?: string
}

export interface ParsedConfig {
  readonly config: Config
  readonly warnings: readonly ConfigWarning[]
}

/** A configuration that names some store and nothing else, for a caller that does not use the store. */
export const ANY_STORE = 'StorageConfig: {protocol: cfs, CFSMountPath: /}'

/**
 * Pure. Lists in `secrets` go item by item: its second channel adds to the second of `text`.
 *
 * Throws an {@link OperatorError} for the first thing that is wrong, which counts how many more there are:
 * first what is no YAML, then values that are not allowed, then what does not go together.
 */
export function parseConfig(text: string, options: ParseOptions = {}): ParsedConfig {
  const { secrets, file = 'coredog.yaml', secretsFile = 'coredog-secrets.yaml' } = options
  const findings = new Findings([file, secretsFile])
  const main = readTree(text, file, findings)
  const layers = secrets === undefined ? [main] : [readTree(secrets, secretsFile, findings), main]
  findings.throwFirst()
  const settings = readSettings(KEYS, layers, findings)
  findings.throwFirst()
  const config = configOf(settings, findings)
  warnOfNoEffect(settings, findings)
  findings.throwFirst()
  return { config, warnings: findings.warnings }
}

type Settings = ValueOf<typeof KEYS>

function configOf(settings: Settings, findings: Findings): Config {
  const { collect, compression, compressionLevel, limits, dedupe, spool, retention, cri, paths } = settings
  const cluster = clusterName(settings, findings)
  const storage = storageOf(settings, cluster, findings)
  return {
    cluster,
    storage: {
      ...tagged(storage, retention.by, findings),
      patienceSeconds: settings.storage.patience,
    },
    network: networkConfig(settings.network, findings),
    notice: noticeConfig(settings, findings),
    collect,
    symbols: symbolSources(settings.symbols, storage.storeDir, findings),
    compression,
    compressionLevel,
    limits: limitsConfig(limits, findings),
    dedupe: { windowSeconds: dedupe.window, keep: dedupe.keep, scope: dedupe.scope, after: dedupe.after },
    spool: { ...spool, dir: spool.dir || path.posix.join(paths.state, 'spool') },
    retention: retentionConfig(retention, findings),
    quota: settings.quota,
    runtime: { sockets: cri.sockets },
    paths,
    coreSight: coreSightConfig(settings.CoreSight, findings),
    customHandler: customHandlerConfig(settings.CustomHandler, findings),
    receivers: receiversIn(settings.destinations, findings),
    fallback: fallbackConfig(settings, findings),
    metrics: settings.metrics,
    uninstallAfterSeconds: uninstallAfter(settings, findings),
  }
}

/**
 * Where clusters share a bucket, each has a folder: listing, retention and a role for the bucket know no
 * other.
 */
function storageOf(
  { StorageConfig }: Settings,
  cluster: string | null,
  findings: Findings,
): ReturnType<typeof storageConfig> {
  const storage = storageConfig(StorageConfig, findings)
  if (StorageConfig.keyPrefix === 'none') return storage
  if (cluster === null)
    findings.wrong(
      'StorageConfig.keyPrefix',
      'is cluster, and the cluster has no name',
      'Set cluster to a short name, such as eu-1.',
    )
  return { ...storage, storeDir: [storage.storeDir, cluster].filter(Boolean).join('/') }
}

/** `null`: it has none here. */
function clusterName({ cluster }: Settings, findings: Findings): string | null {
  if (cluster === '') return null
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/.test(cluster))
    findings.wrong(
      'cluster',
      `is ${show(cluster)}; allowed: at most 63 letters, digits, ".", "_" and "-"`,
      'Write a short name, such as eu-1.',
    )
  return cluster
}

// Node with the AWS SDK takes 84 MiB before the first byte of a core. An operator who writes 512 means 512Mi.
const LEAST_MEMORY_BYTES = 128 * 1024 * 1024

// It is given out in pieces of 32 MiB, of which a handler counts as one, and none has all of it.
const LEAST_READ_AHEAD_BYTES = 128 * 1024 * 1024

function limitsConfig(limits: Settings['limits'], findings: Findings): LimitsConfig {
  const { maxCoreSize, maxHold, leastHold, salvage, concurrency, maxWait, perWorkload, memory, readAhead } =
    limits
  if (memory > 0 && memory < LEAST_MEMORY_BYTES) {
    findings.wrong(
      'limits.memory',
      `is ${memory} bytes, in which no handler can run; allowed: 0, or 128Mi and more`,
      'Write the unit, such as 512Mi.',
    )
  }
  if (readAhead !== 'auto' && readAhead > 0 && readAhead < LEAST_READ_AHEAD_BYTES) {
    findings.wrong(
      'limits.readAhead',
      `is ${readAhead} bytes, of which no core can have a share; allowed: auto, 0, or 128Mi and more`,
      'Write the unit, such as 512Mi.',
    )
  }
  return {
    maxCoreBytes: maxCoreSize,
    maxHoldSeconds: maxHold,
    leastHoldSeconds: leastHold,
    salvageBytes: salvage,
    concurrency,
    maxWaitSeconds: maxWait,
    perWorkload,
    memoryBytes: memory,
    readAheadBytes: readAhead,
    binaryBytes: limits.binarySize,
    binariesPerNamespaceBytes: limits.binariesPerNamespace,
  }
}

const SHORT_ABSENCE_SECONDS = 600

function uninstallAfter({ uninstallAfter: seconds }: Settings, findings: Findings): number {
  if (seconds > 0 && seconds < SHORT_ABSENCE_SECONDS) {
    findings.warn(
      'uninstallAfter',
      'is less than 10m: an update of the installer can take that long, and nodes would leave CoreDog',
    )
  }
  return seconds
}

function fallbackConfig(
  { StorageConfig, CorefileDir, gc, gc_type, fallback }: Settings,
  findings: Findings,
): FallbackConfig {
  if (fallback.dumpsDir.split('/').length < 3) {
    findings.wrong(
      'fallback.dumpsDir',
      `is "${fallback.dumpsDir}", a directory of the node itself; allowed: one below it, for cores only`,
      'Write /data/coredog-system/dumps, or leave it out.',
    )
  }
  return {
    ...fallback,
    // A core file that is written where no volume is mounted is lost with its container.
    hostPath: fallback.hostPath || fallback.corePattern,
    corefileDir: CorefileDir,
    deleteLocalCorefile: StorageConfig.DeleteLocalCorefile || StorageConfig.deleteLocalCorefile,
    deleteBy: gc && gc_type === 'truncate' ? 'truncate' : 'rm',
  }
}
