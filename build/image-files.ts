import { gunzipSync } from 'node:zlib'
import { unpackTar } from 'modern-tar'
import type { Contents } from './first-difference.ts'

interface Descriptor {
  readonly digest: string
  readonly platform?: { readonly os: string; readonly architecture: string }
}

interface Manifest {
  /** Of an index. */
  readonly manifests?: readonly Descriptor[]
  readonly config?: Descriptor
  readonly layers?: readonly Descriptor[]
}

/** All that containers of an OCI archive would see, by platform and path, and last how the image describes itself. */
export async function imageFiles(archive: Buffer): Promise<Contents> {
  const entries = await unpackTar(archive)
  const files = new Map(entries.map(({ header, data }) => [header.name, Buffer.from(data ?? [])]))
  const index = files.get('index.json')
  if (index === undefined) throw new Error('Cannot read the archive: it is no OCI archive')
  return new Map(await filesOf(JSON.parse(String(index)), files, ''))
}

async function filesOf(manifest: Manifest, files: Contents, platform: string): Promise<[string, Buffer][]> {
  const { manifests = [], layers = [], config } = manifest
  const below = manifests.map(each => {
    const { os = '', architecture = '' } = each.platform ?? {}
    const name = each.platform === undefined ? platform : `${os}/${architecture}: `
    return filesOf(JSON.parse(String(blobOf(each, files))), files, name)
  })
  const packed = await Promise.all(layers.map(layer => entriesOf(blobOf(layer, files), platform)))
  const described: [string, Buffer][] =
    config === undefined ? [] : [[`${platform}the configuration`, blobOf(config, files)]]
  return [...(await Promise.all(below)).flat(), ...packed.flat(), ...described]
}

async function entriesOf(layer: Buffer, platform: string): Promise<[string, Buffer][]> {
  const entries = await unpackTar(gunzipSync(layer))
  return entries.map(({ header, data }) => {
    const { name, mode = 0, linkname = '' } = header
    const about = Buffer.from(`${mode.toString(8)} ${linkname}\n`)
    return [`${platform}/${name}`, Buffer.concat([Buffer.from(data ?? []), about])]
  })
}

function blobOf({ digest }: Descriptor, files: Contents): Buffer {
  const blob = files.get(`blobs/${digest.replace(':', '/')}`)
  if (blob === undefined) throw new Error(`Cannot read the archive: it has no ${digest}`)
  return blob
}
