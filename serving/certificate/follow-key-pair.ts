import type { Logger } from 'pino'
import { OperatorError } from '../../crash/errors.ts'
import type { KubeClient } from '../../kube/client.ts'
import type { Caller } from './caller.ts'
import { keepCertificate } from './keeper.ts'
import { followKeyFiles, haveKeyFiles, type KeyFiles } from './key-files.ts'
import type { KeyPair } from './key-pair.ts'

/** Where a pair is, or is to be kept. */
export interface KeyPairPlaces extends KeyFiles {
  /** Where a pair is mounted by default: other files are the operator's, and are waited for. */
  readonly usual: KeyFiles
  /** The Service that the certificate is for. */
  readonly service: string
  /** The Secret that keeps our own pair. */
  readonly secret: string
  /** The program, as the Secret names who may write it. */
  readonly owner: string
  /** What has the API server call us. */
  readonly callers: readonly Caller[]
}

/**
 * Hands on the pair in the files where one is mounted or the operator named them, else our own, and again
 * whenever it is another one, until `signal` is aborted. `cluster` is `null` outside of one: then there is
 * no place to keep a pair of our own, and it rejects.
 */
export async function followKeyPair(
  places: KeyPairPlaces,
  cluster: { readonly kube: KubeClient; readonly namespace: string } | null,
  onKeyPair: (pair: KeyPair) => void,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  const { certFile, keyFile, usual, service, secret, owner, callers } = places
  const isGiven = certFile !== usual.certFile || keyFile !== usual.keyFile
  if (isGiven || (await haveKeyFiles(places))) return followKeyFiles(places, onKeyPair, log, signal)
  if (cluster === null) {
    throw new OperatorError(
      'Cannot make a certificate: this is not a pod of Kubernetes',
      'Name a certificate and its key with --cert-file and --key-file.',
    )
  }
  const { kube, namespace } = cluster
  const kept = { kube, namespace, serviceName: service, secretName: secret, owner, callers, log }
  return keepCertificate(kept, onKeyPair, signal)
}
