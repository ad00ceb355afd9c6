import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { execa } from 'execa'
import { issueServing, makeAuthority } from '../../../serving/certificate/issue.ts'

it('issueServing() makes what openssl believes, to the letter of RFC 5280', async t => {
  const { failed } = await execa('openssl', ['version'], { reject: false })
  if (failed) return t.skip('there is no openssl')
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-certificate-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const [ca, leaf] = [path.join(folder, 'ca.pem'), path.join(folder, 'leaf.pem')]
  const authority = await makeAuthority(new Date())
  writeFileSync(ca, authority.certificate)
  writeFileSync(leaf, (await issueServing(authority, ['a.b.svc'], new Date())).certificate)
  const verify = (host: string) =>
    execa('openssl', [
      ...['verify', '-x509_strict', '-purpose', 'sslserver', '-verify_hostname', host],
      ...['-CAfile', ca, leaf],
    ])
  assert.match((await verify('a.b.svc')).stdout, /: OK$/)
  await assert.rejects(verify('b.b.svc'), /[Hh]ostname mismatch/)
})
