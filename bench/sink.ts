import { startChildServer } from './child-server.ts'

/** An S3 server that discards, see sink-server.ts. */
export interface Sink extends AsyncDisposable {
  readonly endpoint: string
  /** The sizes of the parts that it was given of an object, in bytes, in the order in which they came. */
  partsOf(key: string): Promise<readonly number[]>
}

const BUCKET = 'cores'
const DEADLINE_MS = 30_000

interface SinkOptions {
  /** How much it takes, of all connections together; left out: all that comes. */
  readonly bytesPerSecond?: number
  /** How late it answers. */
  readonly latencyMs?: number
}

/** Starts one in a process of its own. It ends with us, however we end. */
export async function startSink({ bytesPerSecond, latencyMs = 0 }: SinkOptions = {}): Promise<Sink> {
  const slow = bytesPerSecond === undefined ? [] : [`--bytes-per-second=${bytesPerSecond}`]
  const server = await startChildServer('sink-server.ts', [...slow, `--latency-ms=${latencyMs}`])
  const { endpoint } = server
  return {
    endpoint,
    async partsOf(key) {
      const url = `${endpoint}/${BUCKET}/${key}`
      const response = await fetch(url, { signal: AbortSignal.timeout(DEADLINE_MS) })
      return (await response.json()) as number[] // sink-server.ts says nothing else
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

/** `StorageConfig` of a coredog.yaml that stores into it. */
export function sinkStorage({ endpoint }: Pick<Sink, 'endpoint'>): object {
  return {
    protocol: 's3',
    s3AccesskeyID: 'bench',
    s3SecretAccessKey: 'bench-secret',
    s3Region: 'us-east-1',
    S3Bucket: BUCKET,
    S3Endpoint: endpoint,
  }
}
