import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freePort } from '../free-port.ts'
import { findProgram } from '../installed-program.ts'
import type { KubeCluster } from './kube-cluster.ts'

/** What to say where {@link startNamespaceController} cannot be had. */
export const NO_NAMESPACE_CONTROLLER =
  findProgram('kube-controller-manager') === null &&
  'kube-controller-manager is not installed; .ci/install builds it'

/** Of a control plane the part that takes away what is in a namespace that is deleted. It ends with us. */
export async function startNamespaceController({ access }: KubeCluster): Promise<AsyncDisposable> {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-controller-'))
  const kubeconfig = path.join(path.dirname(access.caFile ?? ''), 'kubeconfig')
  const args = [
    ...['--kubeconfig', kubeconfig, '--controllers=namespace-controller', '--leader-elect=false'],
    ...['--bind-address=127.0.0.1', `--secure-port=${await freePort()}`, '--cert-dir', folder],
  ]
  const script = '"$@" > /dev/null 2>&1 & child=$!; read -r _; kill -KILL $child; wait $child'
  const program = findProgram('kube-controller-manager') ?? ''
  const shell = spawn('sh', ['-c', script, 'sh', program, ...args], { stdio: ['pipe', 'ignore', 'ignore'] })
  const gone = once(shell, 'exit')
  return {
    [Symbol.asyncDispose]: async () => {
      shell.stdin.end()
      await gone
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
