import { openSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { CORE_PATTERN_ARGS } from '../crash/kernel-args.ts'
import { CONTAINER_ID, POD } from '../test/fakes/checkout-pod.ts'
import { elfCore } from '../test/fakes/elf-core.ts'
import { startFakeChat } from '../test/fakes/fake-chat.ts'
import { startFakeCri } from '../test/fakes/fake-cri.ts'
import { FakeS3 } from '../test/fakes/fake-s3.ts'

/** A crash, and a world for it in which everything answers. */
interface TrainingCrash extends AsyncDisposable {
  readonly criSocket: string
  readonly containerId: string
  /** As the kernel would call the handler. */
  readonly handlerArguments: readonly string[]
  /** An open file. */
  readonly coreFd: number
  /** Whether it was stored, and told. */
  isOver(): boolean
}

// Compressed it fills one part of an upload and begins another, so that the upload has both.
const CORE_BYTES = 10 * 1024 * 1024

/** Its files are written to `folder`. */
export async function beginTrainingCrash(folder: string): Promise<TrainingCrash> {
  await using begun = new AsyncDisposableStack()
  const store = begun.use(await new FakeS3().listen())
  const chat = begun.adopt(await startFakeChat(), it => it.close())
  const runtime = begun.adopt(await startFakeCri({ pods: [POD] }), it => it.close())
  const config = path.join(folder, 'coredog.yaml')
  writeFileSync(config, JSON.stringify(settings(folder, store, chat.url('slack'))))
  const core = path.join(folder, 'core')
  writeFileSync(core, coreOfNoise())
  const world = begun.move()
  return {
    criSocket: runtime.socket,
    containerId: CONTAINER_ID,
    handlerArguments: [`--config=${config}`, ...kernelArguments()],
    coreFd: openSync(core, 'r'),
    isOver: () => store.seen('CompleteMultipartUpload').length === 1 && chat.messages.length === 1,
    [Symbol.asyncDispose]: () => world.disposeAsync(),
  }
}

function settings(folder: string, { endpoint, credentials, region }: FakeS3, webhookurl: string): object {
  const below = (name: string) => path.join(folder, name)
  return {
    StorageConfig: {
      protocol: 's3',
      s3AccesskeyID: credentials.accessKeyId,
      s3SecretAccessKey: credentials.secretAccessKey,
      s3Region: region,
      S3Bucket: 'cores',
      S3Endpoint: endpoint,
    },
    NoticeChannel: [{ chan: 'slack', webhookurl }],
    collect: { pods: 'all', hostProcesses: 'collect' },
    paths: { log: below('handler.log'), state: below('state'), run: below('run') },
  }
}

/** Of a process that is there, but does not crash: the kernel cannot be made to say that it does. */
function kernelArguments(): string[] {
  const values: Record<string, string> = { '%P': `${process.pid}`, '%e': 'checkout', '%t': '1763700000' }
  return CORE_PATTERN_ARGS.split(' ').map(asked => values[asked] ?? '11')
}

function coreOfNoise(): Buffer {
  const bytes = Buffer.alloc(CORE_BYTES)
  // A congruential generator, as in glibc's random(): noise enough for a compressor, and the same each time.
  for (let at = 0, state = 1; at < bytes.length; at += 2) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    bytes.writeUInt16LE(state >>> 15, at)
  }
  return elfCore({ pid: 1, comm: 'checkout', memory: [{ address: 0x400000n, bytes }] })
}
