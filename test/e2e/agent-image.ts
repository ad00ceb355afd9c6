import { existsSync } from 'node:fs'
import { cp, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { execa } from 'execa'
import { type Image, pack } from './images.ts'

const DIST = path.resolve(import.meta.dirname, '../../dist')

/** Where the image has the programs. */
export const IN_IMAGE = {
  node: '/usr/local/bin/node',
  installer: '/opt/coredog/coredog-installer.js',
  handler: '/opt/coredog/coredog-handler',
} as const

/**
 * The image of the node's agent: Node, the installer, the handler that it installs, and the `chroot` that
 * tries the handler on the host; each with the libraries that it names.
 */
export async function buildAgentImage(dir: string): Promise<Image> {
  const image = { name: 'localhost/coredog-e2e/agent:1', archive: path.join(dir, 'agent.tar') }
  if (existsSync(image.archive)) return image
  const root = path.join(dir, 'agent-root')
  await place(root, process.execPath, IN_IMAGE.node)
  await place(root, path.join(DIST, 'coredog-installer.js'), IN_IMAGE.installer)
  await place(root, path.join(DIST, 'coredog-handler'), IN_IMAGE.handler)
  const { stdout: chroot } = await execa('which', ['chroot'])
  await place(root, chroot, '/usr/sbin/chroot')
  for (const library of await librariesOf(process.execPath, chroot)) await place(root, library, library)
  await pack(image, [root])
  return image
}

async function place(root: string, file: string, at: string): Promise<void> {
  await mkdir(path.join(root, path.dirname(at)), { recursive: true })
  await cp(file, path.join(root, at), { dereference: true })
}

/** The absolute paths that ldd(1) names, the loader among them. */
async function librariesOf(...programs: readonly string[]): Promise<string[]> {
  const { stdout } = await execa('ldd', programs)
  return [...new Set(stdout.match(/\/\S+\.so\S*/g) ?? [])]
}
