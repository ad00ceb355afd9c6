import { access, readFile } from 'node:fs/promises'
import type { Logger } from 'pino'
import { messageOf, OperatorError } from '../../crash/errors.ts'
import { codeOf } from '../../crash/system-error.ts'
import { type Pause, pause as realPause } from '../../time/pause.ts'
import { checkKeyPair, type KeyPair } from './key-pair.ts'

/** Where a pair of others' is put: by cert-manager, or by an operator with a Secret. */
export interface KeyFiles {
  readonly certFile: string
  readonly keyFile: string
}

/** Where the original CoreDog has its pair mounted. Without files there, we make one. */
export const DEFAULT_KEY_FILES: KeyFiles = {
  certFile: '/etc/webhook/certs/tls.crt',
  keyFile: '/etc/webhook/certs/tls.key',
}

const LOOK_SECONDS = 5

/** Whether both are there. */
export async function haveKeyFiles({ certFile, keyFile }: KeyFiles): Promise<boolean> {
  const found = await Promise.all(
    [certFile, keyFile].map(file =>
      access(file).then(
        () => true,
        () => false, // why it cannot be had does not matter: it is not used
      ),
    ),
  )
  return found.every(Boolean)
}

/**
 * Hands on the pair in the files, and again whenever it is another one, until `signal` is aborted. One that
 * cannot be used is logged once, and the one before stays. Polled: a kubelet replaces a link, which a file
 * watch does not see.
 */
export async function followKeyFiles(
  files: KeyFiles,
  onKeyPair: (pair: KeyPair) => void,
  log: Logger,
  signal: AbortSignal,
  pause: Pause = realPause,
): Promise<void> {
  let used: KeyPair | null = null
  let refusal: string | null = null
  while (!signal.aborted) {
    try {
      const pair = await readKeyPair(files)
      if (pair.certificate !== used?.certificate || pair.key !== used.key) onKeyPair(pair)
      used = pair
      refusal = null
    } catch (thrown) {
      const reason = messageOf(thrown)
      const hint = thrown instanceof OperatorError ? thrown.hint : undefined
      if (reason !== refusal) log.error({ reason, hint }, 'certificate refused')
      refusal = reason
    }
    await pause(LOOK_SECONDS, signal)
  }
}

async function readKeyPair({ certFile, keyFile }: KeyFiles): Promise<KeyPair> {
  const [certificate, key] = await Promise.all([readText(certFile), readText(keyFile)])
  checkKeyPair({ certificate, key }, certFile)
  return { certificate, key }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new OperatorError(
      `Cannot read "${file}": ${codeOf(cause) || messageOf(cause)}`,
      'Mount the Secret there, and let the user of the container read it.',
      cause,
    )
  }
}
