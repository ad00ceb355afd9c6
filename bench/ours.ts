import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Config } from '../config/config.ts'
import { CORE_PATTERN_ARGS } from '../crash/kernel-args.ts'
import { NO_GATEWAY, type RealS3, startVersityGateway } from '../test/real-s3.ts'
import { HANDLER } from './bench-node.ts'
import { type Contestant, type Offer, type Place, quoted } from './contestant.ts'
import { GZIP, PIGZ, ZSTD } from './tools.ts'

type Compression = Config['compression']

const UNPACK: Readonly<Record<Compression, string>> = {
  gzip: 'gzip -dc "$1"',
  zstd: 'zstd -dc "$1"',
  none: 'cat "$1"',
}

const PEERS: Readonly<Record<Compression, readonly string[]>> = {
  gzip: [GZIP, PIGZ],
  zstd: [ZSTD],
  none: ['cat >/dev/null'],
}

export const OURS: readonly Offer[] = [inFolder('gzip'), inFolder('zstd'), inFolder('none'), inS3]

function inFolder(compression: Compression): Offer {
  return async place => {
    const name = `coredog ${compression}`
    const folder = place.scratch.folder(name)
    return ours(name, compression, { protocol: 'cfs', CFSMountPath: folder }, folder, place)
  }
}

/** An S3 server that is not ours, on the same machine: it takes its share of the CPUs. */
async function inS3(place: Place): ReturnType<Offer> {
  const name = 'coredog gzip, S3'
  const server = await startInMemory(place)
  if (server === null) return { name, reason: NO_GATEWAY }
  place.cleanUp.defer(server.close)
  const { endpoint, bucket, region, credentials } = server
  const store = {
    ...{ protocol: 's3', S3Endpoint: endpoint, S3Bucket: bucket, s3Region: region },
    ...{ s3AccesskeyID: credentials.accessKeyId, s3SecretAccessKey: credentials.secretAccessKey },
  }
  return ours(name, 'gzip', store, bucketFolder(place), place)
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

function ours(
  name: string,
  compression: Compression,
  StorageConfig: object,
  folder: string,
  { scratch }: Place,
): Contestant {
  const node = path.join(scratch.output, `${name} on its node`)
  mkdirSync(node, { recursive: true, mode: 0o700 })
  const configFile = path.join(node, 'coredog.yaml')
  const settings = { StorageConfig, compression, ...surroundings(node) }
  writeFileSync(configFile, JSON.stringify(settings), { mode: 0o600 })
  return {
    ...{ name, folder, rounds: Number.POSITIVE_INFINITY, metered: true, kernelArguments: CORE_PATTERN_ARGS },
    peers: PEERS[compression],
    command: `${quoted(HANDLER)} ${quoted(`--config=${configFile}`)} "$@"`,
    unpack: UNPACK[compression],
  }
}

/** Every crash is kept, of any owner and however often it comes. JSON is YAML too. */
function surroundings(node: string): object {
  return {
    collect: { pods: 'all', hostProcesses: 'collect' },
    dedupe: { window: '0s' },
    limits: { perWorkload: 0 },
    cri: { sockets: [path.join(node, 'no-runtime.sock')] },
    paths: {
      log: path.join(node, 'handler.log'),
      state: path.join(node, 'state'),
      run: path.join(node, 'run'),
    },
  }
}
