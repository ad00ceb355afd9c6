import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import type { FakeKube } from '../../test/fakes/fake-kube.ts'
import { HANDLER } from '../bench-node.ts'
import { ScratchFolder } from '../scratch-folder.ts'
import { NODE_NAME } from './pretended-cluster.ts'

const STANDARD_FOLDERS = [
  'host/usr/local/bin',
  'host/var/lib',
  'host/run',
  'host/store',
  'kernel',
  'bin',
  'config',
]

/** Where the API server is, and how to get in. */
export type ApiAddress = Pick<FakeKube, 'folder' | 'port'>

/** A token lies where the kubelet mounts it, in a /run that this process alone sees. */
const IN_A_POD = `mount -t tmpfs none /run && mkdir -p /run/secrets/kubernetes.io &&
ln -s "$0" /run/secrets/kubernetes.io/serviceaccount && exec "$@"`

/** There is no C library in the root of the node: its programs are started where they lie. */
const CHROOT = '#!/bin/sh\nroot=$1 program=$2\nshift 2\nexec "$root$program" "$@"\n'

/** The root of a node, and settings of a kernel that are plain files. */
export class PretendedNode implements Disposable {
  readonly #folder = new ScratchFolder()

  constructor() {
    for (const name of STANDARD_FOLDERS) mkdirSync(this.#folder.below(name), { recursive: true })
    writeFileSync(this.#folder.below('kernel/core_pattern'), 'core\n')
    writeFileSync(this.#folder.below('kernel/core_pipe_limit'), '0\n')
    writeFileSync(this.#folder.below('bin/chroot'), CHROOT)
    chmodSync(this.#folder.below('bin/chroot'), 0o755)
    const store = { protocol: 'cfs', CFSMountPath: '/store' }
    // JSON is YAML too.
    writeFileSync(this.#folder.below('config/coredog.yaml'), JSON.stringify({ StorageConfig: store }))
  }

  below(name: string): string {
    return this.#folder.below(name)
  }

  /** Starts our installer as its DaemonSet does. */
  command(kube: ApiAddress, port: number): readonly [string, ...string[]] {
    const installer = [HANDLER, 'installer', 'run', `--host-root=${this.below('host')}`, `--port=${port}`]
    const settings = [`--proc-sys=${this.below('kernel')}`, `--config-dir=${this.below('config')}`]
    return ['unshare', '--mount', 'sh', '-c', IN_A_POD, kube.folder, ...installer, ...settings]
  }

  environment(kubePort: number): NodeJS.ProcessEnv {
    return {
      PATH: `${this.below('bin')}:${process.env.PATH}`,
      NODE_NAME,
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: String(kubePort),
    }
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]()
  }
}
