import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { nodeAuthorities } from '../../network/node-authorities.ts'
import { privateAuthority } from '../fakes/private-authority.ts'

const { certificate } = await privateAuthority()

async function nodeWith(files: Record<string, string>, links: Record<string, string> = {}) {
  const root = await mkdtemp(path.join(tmpdir(), 'coredog-node-'))
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true })
    await writeFile(path.join(root, file), text)
  }
  for (const [file, target] of Object.entries(links)) {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true })
    await symlink(target, path.join(root, file))
  }
  return { root, [Symbol.asyncDispose]: () => rm(root, { recursive: true }) }
}

it('nodeAuthorities() reads what the node trusts, comments and all', async () => {
  await using node = await nodeWith({
    '/etc/ssl/certs/ca-certificates.crt': `# ours\n${certificate}\n# more\n${certificate}`,
  })
  assert.deepEqual(await nodeAuthorities(node.root), [certificate.trim(), certificate.trim()])
})

it('nodeAuthorities() follows a link of the node below its root, which is not ours', async () => {
  await using node = await nodeWith(
    { '/nix/store/bundle.crt': certificate },
    {
      '/etc/ssl/certs/ca-certificates.crt': '/etc/static/bundle.crt',
      '/etc/static/bundle.crt': '../../nix/store/bundle.crt',
    },
  )
  assert.equal((await nodeAuthorities(node.root)).length, 1)
})

it('nodeAuthorities() has none where a node says nothing, or turns in circles', async () => {
  await using node = await nodeWith({}, { '/etc/ssl/cert.pem': '/etc/ssl/cert.pem' })
  assert.deepEqual(await nodeAuthorities(node.root), [])
})
