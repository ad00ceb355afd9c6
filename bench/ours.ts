import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Config } from '../config/config.ts'
import { CORE_PATTERN_ARGS } from '../crash/kernel-args.ts'
import { NO_GATEWAY, type RealS3, startVersityGateway } from '../test/real-s3.ts'
import { HANDLER } from './bench-node.ts'
import { COMPOSER } from './composer.ts'
import { type Contestant, type Offer, type Place, quoted } from './contestant.ts'
import { SYSTEMD } from './systemd-coredump.ts'
import { GZIP, LIMIT, PIGZ, ZSTD } from './tools.ts'
import { addonObstacle, withoutAddon } from './without-addon.ts'

type Compression = Config['compression']

const UNPACK: Readonly<Record<Compression, string>> = {
  gzip: 'gzip -dc "$1"',
  zstd: 'zstd -dc "$1"',
  none: 'cat "$1"',
}

const PEERS: Readonly<Record<Compression, readonly string[]>> = {
  gzip: [GZIP, PIGZ, ZSTD, SYSTEMD, COMPOSER],
  zstd: [ZSTD, SYSTEMD],
  none: [LIMIT],
}

/** A handler as a node has it, or with something else. */
export interface Variant {
  /** Behind `coredog`. */
  readonly name: string
  readonly compression: Compression
  /** Of coredog.yaml, beside what all have. */
  readonly settings?: object
  /** With which cores it takes part; left out: with all. */
  readonly cores?: readonly string[]
  /** Whether it compresses with zlib, as where the addon cannot be loaded. */
  readonly isWithoutAddon?: boolean
}

const HEAP = ['heap']

export const VARIANTS: readonly Variant[] = [
  { name: 'gzip', compression: 'gzip' },
  {
    ...{ name: 'gzip, 512 MiB read ahead', compression: 'gzip', cores: HEAP },
    settings: { limits: { readAhead: '512Mi' } },
  },
  {
    ...{ name: 'gzip, nothing read ahead', compression: 'gzip', cores: HEAP },
    settings: { limits: { readAhead: 0 } },
  },
  { name: 'gzip, zlib', compression: 'gzip', cores: HEAP, isWithoutAddon: true },
  { name: 'zstd', compression: 'zstd' },
  { name: 'none', compression: 'none' },
]

export const OURS: readonly Offer[] = [...VARIANTS.map(inFolder), inS3]

function inFolder(variant: Variant): Offer {
  return async place => {
    const name = `coredog ${variant.name}`
    const reason = variant.isWithoutAddon ? await addonObstacle() : null
    if (reason !== null) return { name, reason }
    const folder = place.scratch.folder(name)
    return ours(variant, { protocol: 'cfs', CFSMountPath: folder }, folder, place)
  }
}

/** An S3 server that is not ours, on the same machine: it takes its share of the CPUs. */
async function inS3(place: Place): ReturnType<Offer> {
  const variant = { name: 'gzip, S3', compression: 'gzip' } as const
  const server = await startInMemory(place)
  if (server === null) return { name: `coredog ${variant.name}`, reason: NO_GATEWAY }
  place.cleanUp.defer(server.close)
  const { endpoint, bucket, region, credentials } = server
  const store = {
    ...{ protocol: 's3', S3Endpoint: endpoint, S3Bucket: bucket, s3Region: region },
    ...{ s3AccesskeyID: credentials.accessKeyId, s3SecretAccessKey: credentials.secretAccessKey },
  }
  return ours(variant, store, bucketFolder(place), place)
}

/** It makes its folder where temporary files go. */
async function startInMemory({ scratch }: Place): Promise<RealS3 | null> {
  const { TMPDIR } = process.env
  process.env.TMPDIR = scratch.output
  try {
    return await startVersityGateway()
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
  }
}

function bucketFolder({ scratch }: Place): string {
  const server = readdirSync(scratch.output).find(name => name.startsWith('coredog-versitygw-')) ?? ''
  return path.join(scratch.output, server, 'buckets/cores')
}

export interface Ours extends Contestant {
  /** A file that all its handlers write. */
  readonly logFile: string
  /** What the installer leaves for handlers. */
  readonly runFolder: string
}

/** Whose cores are below `folder`. */
export function ours(
  { name: variant, compression, settings = {}, cores, isWithoutAddon = false }: Variant,
  StorageConfig: object,
  folder: string,
  { scratch }: Place,
): Ours {
  const name = `coredog ${variant}`
  const node = path.join(scratch.output, `${name} on its node`)
  mkdirSync(node, { recursive: true, mode: 0o700 })
  const configFile = path.join(node, 'coredog.yaml')
  const limits = { perWorkload: 0 }
  const surrounding = surroundings(node)
  const config = merged({ StorageConfig, compression, limits, ...surrounding }, settings)
  writeFileSync(configFile, JSON.stringify(config), { mode: 0o600 })
  const command = `${quoted(HANDLER)} ${quoted(`--config=${configFile}`)} "$@"`
  return {
    ...{ name, folder, rounds: Number.POSITIVE_INFINITY, metered: true, kernelArguments: CORE_PATTERN_ARGS },
    peers: PEERS[compression],
    command: isWithoutAddon ? withoutAddon(command) : command,
    ...(cores && { cores }),
    unpack: UNPACK[compression],
    ...{ logFile: surrounding.paths.log, runFolder: surrounding.paths.run },
  }
}

/** Every crash is kept, of any owner and however often it comes. JSON is YAML too. */
function surroundings(node: string) {
  return {
    collect: { pods: 'all', hostProcesses: 'collect' },
    dedupe: { window: '0s' },
    cri: { sockets: [path.join(node, 'no-runtime.sock')] },
    paths: {
      log: path.join(node, 'handler.log'),
      state: path.join(node, 'state'),
      run: path.join(node, 'run'),
    },
  }
}

/** Sections of both have the keys of both. */
function merged(base: object, more: object): object {
  const sections = Object.entries(more).map(([name, value]) => {
    const under = (base as Record<string, unknown>)[name]
    return [name, typeof value === 'object' && typeof under === 'object' ? { ...under, ...value } : value]
  })
  return { ...base, ...Object.fromEntries(sections) }
}
