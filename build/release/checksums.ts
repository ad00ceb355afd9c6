import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'

/** As sha256sum(1) writes and checks them, of all files in a folder but `except`. */
export async function checksumsOf(folder: string, except: readonly string[]): Promise<string> {
  const names = (await readdir(folder)).filter(name => !except.includes(name)).toSorted()
  const lines = await Promise.all(
    names.map(async name => `${await sha256(path.join(folder, name))}  ${name}\n`),
  )
  return lines.join('')
}

export async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
