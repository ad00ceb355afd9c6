import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { packTar, unpackTar } from 'modern-tar'
import { runTool } from './tool.ts'

/** As Helm packs it into `file`, but not with the time at which it did: the same chart gives the same bytes. */
export async function packChart(chart: string, file: string, date: Date): Promise<void> {
  const folder = await mkdtemp(`${file}-`)
  try {
    await runTool('helm', ['package', chart, '--destination', folder])
    const packed = await readFile(path.join(folder, path.basename(file)))
    await writeFile(file, gzipSync(await withDate(gunzipSync(packed), date), { level: 9 }))
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function withDate(archive: Buffer, date: Date): Promise<Uint8Array> {
  const entries = await unpackTar(archive)
  return await packTar(
    entries.map(({ header: { name, size, type }, data }) => ({
      header: { ...{ name, size, mtime: date, mode: 0o644, uid: 0, gid: 0 }, ...(type && { type }) },
      ...(data && { body: data }),
    })),
  )
}
