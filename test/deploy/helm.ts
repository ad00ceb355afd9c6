import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { execa } from 'execa'
import { findProgram } from '../installed-program.ts'

export const CHART = path.resolve(import.meta.dirname, '../../deploy/chart')

/** Without an API server, what the chart is rendered for. A helm of `go install` would say v1.20. */
export const KUBE_VERSION = '--kube-version=1.36.0'

/** What to say where {@link findHelm} answers `null`. */
export const NO_HELM = 'helm is not installed; .ci/install builds it'

export interface Written {
  readonly stdout: string
  readonly stderr: string
}

/** A helm that knows nothing of the user's own repositories and clusters. */
export interface Helm extends Disposable {
  /** With `input` as standard input. Rejects, with what it wrote, when helm fails. */
  (args: readonly string[], input?: string): Promise<Written>
}

export function findHelm(): string | null {
  return findProgram('helm')
}

export function startHelm(program: string): Helm {
  const home = mkdtempSync(path.join(tmpdir(), 'coredog-helm-'))
  const env = {
    HOME: home,
    HELM_CACHE_HOME: home,
    HELM_CONFIG_HOME: home,
    HELM_DATA_HOME: home,
    KUBECONFIG: path.join(home, 'none'),
  }
  const run = async (args: readonly string[], input = '') =>
    await execa(program, args, { env, input, timeout: 120_000 })
  return Object.assign(run, { [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }) })
}
