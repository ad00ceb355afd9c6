import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'

/**
 * Writes the files of a ConfigMap into `folder` as a kubelet does: each is a link through `..data`, and one
 * rename replaces them all. Nothing of a mounted file's own changes, which is why it cannot be watched.
 * `group` is the pod's, which may read them.
 */
export function writeConfigMap(
  folder: string,
  files: Readonly<Record<string, string>>,
  { mode = 0o644, group = 0 } = {},
): void {
  mkdirSync(folder, { recursive: true })
  const version = mkdtempSync(path.join(folder, '..version_'))
  chmodSync(version, 0o755)
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(path.join(version, name), text)
    chmodSync(path.join(version, name), mode)
    chownSync(path.join(version, name), 0, group)
  }
  const data = path.join(folder, '..data')
  const before = existsSync(data) ? readlinkSync(data) : null
  symlinkSync(path.basename(version), `${data}_tmp`)
  renameSync(`${data}_tmp`, data)
  for (const name of Object.keys(files)) linkOnce(`..data/${name}`, path.join(folder, name))
  if (before !== null) rmSync(path.join(folder, before), { recursive: true })
}

function linkOnce(target: string, link: string): void {
  if (lstatSync(link, { throwIfNoEntry: false }) === undefined) symlinkSync(target, link)
}
