import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { execa } from 'execa'
import { ROOT } from './bundle.ts'
import { type Architecture, CACHE, ownArchitecture } from './node-binary.ts'

/** The folder of the official Node: npm installs that of its own architecture, and the other one is fetched. */
export async function officialNode(architecture: Architecture): Promise<string> {
  const name = `node-linux-${architecture}`
  if (architecture === ownArchitecture()) return path.join(ROOT, 'node_modules', name)
  const { packages } = JSON.parse(await readFile(path.join(ROOT, 'package-lock.json'), 'utf8'))
  const { version, integrity } = packages[`node_modules/${name}`]
  const folder = path.join(CACHE, `${name}-${version}`)
  if (!existsSync(path.join(folder, DONE))) await fetchNode(folder, { name, version, integrity })
  return path.join(folder, 'node_modules', name)
}

const DONE = 'fetched'

interface Locked {
  readonly name: string
  readonly version: string
  readonly integrity: string
}

/** By a lock file of its own, with what ours says of it. */
async function fetchNode(folder: string, { name, version, integrity }: Locked): Promise<void> {
  const own = { name: 'node', version: '1.0.0', dependencies: { [name]: version } }
  const packages = { '': own, [`node_modules/${name}`]: { version, integrity } }
  await mkdir(folder, { recursive: true })
  await writeFile(path.join(folder, 'package.json'), JSON.stringify(own))
  const lock = { name: own.name, version: own.version, lockfileVersion: 3, packages }
  await writeFile(path.join(folder, 'package-lock.json'), JSON.stringify(lock))
  await execa('npm', ['ci', '--ignore-scripts', '--force', '--no-audit', '--no-fund'], { cwd: folder })
  await writeFile(path.join(folder, DONE), '')
}
