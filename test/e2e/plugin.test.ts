import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { execa } from 'execa'
import { builtFiles, KUBECTL_COREDOG } from '../../build/built-files.ts'
import { ownArchitecture } from '../../build/node-binary.ts'
import type { KubeAccess } from '../../kube/access.ts'
import { type ApiCluster, NO_API_CLUSTER, startApiCluster } from './api-cluster.ts'
import type { PutCrash } from './put-crash.ts'

/** What people install, as `npm run build` has made it. */
const PROGRAMS = {
  'the executable': builtFiles(ownArchitecture()).kubectlCoredog,
  'the file for any Node': KUBECTL_COREDOG.script,
}

describe('kubectl coredog, as it is built', { skip: NO_API_CLUSTER, timeout: 300_000 }, () => {
  let cluster: ApiCluster
  let crash: PutCrash
  let access: KubeAccess
  let folder: string

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'coredog-plugin-'))
    cluster = await startApiCluster()
    await cluster.kube.addNamespace('shop')
    access = await cluster.kube.addServiceAccount('shop', 'developer')
    await cluster.bind('system:serviceaccount:shop:developer', 'coredog-downloader', 'shop')
    crash = await cluster.putCrash({ namespace: 'shop' })
  })
  after(async () => {
    await cluster?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  for (const [what, program] of Object.entries(PROGRAMS)) {
    it(`${what}: kubectl finds it, and it finds the crash by a kubeconfig`, async () => {
      const { stdout } = await coredog(
        program,
        cluster.kubeconfigOf(access),
        'list',
        '-n',
        'shop',
        '-o',
        'name',
      )
      assert.ok(stdout.includes(crash.name), stdout)
    })

    it(`${what}: a kubeconfig may name a program that logs in`, async () => {
      const { stdout } = await coredog(program, withLogin(), 'list', '-n', 'shop')
      assert.ok(stdout.includes(crash.entry.pod), stdout)
    })

    it(`${what}: kubectl completes its words`, async () => {
      const kubeconfig = cluster.kubeconfigOf(access)
      const words = ['coredog', 'log', '-n', 'shop', crash.entry.id.slice(0, 4)]
      const { stdout } = await kubectl(program, kubeconfig, '__complete', ...words)
      assert.equal(stdout.split('\n').at(0)?.split('\t')[0], crash.entry.id)
    })

    it(`${what}: the same without a cluster, on the store`, async () => {
      const config = `--config=${cluster.configFile}`
      const { stdout } = await coredog(program, '/nonexistent', 'list', '-n', 'shop', '-o', 'name', config)
      assert.ok(stdout.includes(crash.name), stdout)
    })
  }

  function coredog(program: string, kubeconfig: string, ...args: readonly string[]) {
    return kubectl(program, kubeconfig, 'coredog', ...args)
  }

  /** kubectl itself, with nothing of ours beside what is asked for. */
  async function kubectl(program: string, kubeconfig: string, ...args: readonly string[]) {
    const bin = path.join(folder, path.basename(program))
    mkdirSync(bin, { recursive: true })
    rmSync(path.join(bin, 'kubectl-coredog'), { force: true })
    rmSync(path.join(bin, 'kubectl_complete-coredog'), { force: true })
    symlinkSync(program, path.join(bin, 'kubectl-coredog'))
    symlinkSync(KUBECTL_COREDOG.completion, path.join(bin, 'kubectl_complete-coredog'))
    const places = [bin, path.dirname(process.execPath), process.env.PATH]
    const env = { HOME: folder, KUBECONFIG: kubeconfig, PATH: places.join(':') }
    return await execa('kubectl', args, { env, cwd: folder })
  }

  function withLogin(): string {
    const config = JSON.parse(readFileSync(cluster.kubeconfigOf(access), 'utf8'))
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: readFileSync(access.tokenFile ?? '', 'utf8') },
    }
    const exec = {
      apiVersion: credential.apiVersion,
      command: 'echo',
      args: [JSON.stringify(credential)],
      interactiveMode: 'Never',
    }
    const file = path.join(folder, 'with-login')
    writeFileSync(file, JSON.stringify({ ...config, users: [{ name: 'account', user: { exec } }] }))
    return file
  }
})
