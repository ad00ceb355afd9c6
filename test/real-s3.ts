import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Credentials } from '../config/config.ts'
import { freePort } from './free-port.ts'
import { findProgram } from './installed-program.ts'

/** A real S3 server that is not ours, with one empty bucket. */
export interface RealS3 {
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  readonly credentials: Credentials
  readonly close: () => Promise<void>
}

/** What to say where {@link startVersityGateway} answers `null`. */
export const NO_GATEWAY =
  'versitygw is neither on PATH nor in $(go env GOPATH)/bin: go install github.com/versity/versitygw/cmd/versitygw@v1.8.0'

const START_SECONDS = 120

/**
 * Starts versitygw over a temporary directory, on a free port of 127.0.0.1; `null` where there is none. `versions`: a
 * bucket may keep them, once it is asked to.
 */
export async function startVersityGateway(versions?: 'versions'): Promise<RealS3 | null> {
  const program = findProgram('versitygw')
  if (program === null) return null
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-versitygw-'))
  mkdirSync(path.join(folder, 'buckets/cores'), { recursive: true })
  for (const name of ['metadata', 'versions']) mkdirSync(path.join(folder, name))
  const credentials = { accessKeyId: 'coredog-test', secretAccessKey: 'coredog-test-secret' }
  const port = await freePort()
  const kept = versions === undefined ? [] : ['--versioning-dir', path.join(folder, 'versions')]
  const stop = launch(program, port, folder, credentials, kept)
  const close = async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await answering(port)
  } catch (cause) {
    await close()
    throw cause
  }
  return { endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', bucket: 'cores', credentials, close }
}

/**
 * Runs the gateway under a shell that ends it when its own standard input ends: also when we are
 * killed. Resolves the stop once it is gone.
 */
function launch(
  program: string,
  port: number,
  folder: string,
  credentials: Credentials,
  more: readonly string[],
): () => Promise<void> {
  const shell = spawn(
    'sh',
    [
      ...['-c', '"$@" & child=$!; read -r _; kill $child; wait $child', 'sh'],
      ...[program, '--port', `127.0.0.1:${port}`, '--quiet', '--keep-alive'],
      ...['posix', '--sidecar', path.join(folder, 'metadata'), ...more, path.join(folder, 'buckets')],
    ],
    {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: {
        ...process.env,
        ROOT_ACCESS_KEY: credentials.accessKeyId,
        ROOT_SECRET_KEY: credentials.secretAccessKey,
      },
    },
  )
  const gone = once(shell, 'exit')
  return async () => {
    shell.stdin.end()
    await gone
  }
}

async function answering(port: number): Promise<void> {
  const giveUpAt = Date.now() + START_SECONDS * 1000
  while (!(await accepts(port))) {
    if (Date.now() > giveUpAt)
      throw new Error(`Cannot start versitygw: nothing listens at port ${port} after ${START_SECONDS} s`)
    await pause(50)
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    // Not yet.
    return false
  } finally {
    socket.destroy()
  }
}
