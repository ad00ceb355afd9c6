import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { KubeConfig } from '../../cli/kube-config.ts'

it('KubeConfig takes the file of a token that a kubeconfig names, beside it', async t => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-kubeconfig-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = path.join(folder, 'config')
  writeFileSync(path.join(folder, 'token'), 'secret')
  writeFileSync(file, TEXT)
  const config = new KubeConfig()
  config.loadFromFile(file)
  for (const [context, wanted] of Object.entries({ one: 'Bearer secret', other: 'Bearer given' })) {
    config.setCurrentContext(context)
    const headers: Record<string, string> = {}
    await config.applyToHTTPSOptions({ headers })
    assert.equal(headers.Authorization, wanted)
  }
})

const TEXT = `
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]
users:
  - {name: one, user: {tokenFile: token}}
  - {name: other, user: {token: given}}
contexts:
  - {name: one, context: {cluster: c, user: one}}
  - {name: other, context: {cluster: c, user: other}}
current-context: one
`
