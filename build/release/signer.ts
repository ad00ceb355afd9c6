import path from 'node:path'
import { VERSION } from '../../crash/version.ts'
import { REPOSITORY } from '../repository.ts'
import type { Release } from './release.ts'
import { runTool } from './tool.ts'

/** Whose signature stands below a release: options of cosign. */
export interface Signer {
  readonly signing: readonly string[]
  readonly verifying: readonly string[]
}

/** The workflow that made it, as GitHub says; no key is kept anywhere. */
export const WORKFLOW: Signer = {
  signing: [],
  verifying: [
    `--certificate-identity=${REPOSITORY}/.github/workflows/release.yaml@refs/tags/v${VERSION}`,
    '--certificate-oidc-issuer=https://token.actions.githubusercontent.com',
  ],
}

/** A pair of keys in `folder`, that is told to no transparency log. */
export async function throwAwaySigner(folder: string): Promise<Signer> {
  const key = path.join(folder, 'cosign')
  const config = path.join(folder, 'signing-config.json')
  await cosign(['generate-key-pair', `--output-key-prefix=${key}`])
  await cosign(['signing-config', 'create', `--out=${config}`])
  return {
    signing: [`--key=${key}.key`, `--signing-config=${config}`],
    verifying: [`--key=${key}.pub`, '--insecure-ignore-tlog=true'],
  }
}

/** Of a key pair without a password, where there is one. */
export async function cosign(args: readonly string[], env: Release['env'] = {}): Promise<string> {
  return await runTool('cosign', args, { env: { ...env, COSIGN_PASSWORD: '' } })
}
