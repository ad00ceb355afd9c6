import assert from 'node:assert/strict'
import { it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { unpackTar } from 'modern-tar'
import { digestOf, packLayer } from '../../build/image-layer.ts'
import { parseImageName } from '../../build/image-name.ts'
import { type Image, imageDigest, packArchive } from '../../build/oci-archive.ts'

const NAME = 'registry.example:5000/team/coredog:1.2.3'

const image: Image = {
  name: parseImageName(NAME),
  architecture: 'arm64',
  layers: [
    await packLayer('system', [{ path: '/etc/passwd', content: 'root\n', mode: 0o644 }]),
    await packLayer('node', [{ path: '/bin/node', content: 'node', mode: 0o755 }]),
  ],
  settings: {
    Env: ['PATH=/bin'],
    Entrypoint: ['node'],
    WorkingDir: '/',
    User: '7:7',
    Labels: { version: '1.2.3' },
  },
}

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

interface Index {
  readonly manifests: readonly [
    Descriptor & { readonly platform: object; readonly annotations: Readonly<Record<string, string>> },
  ]
}

interface Manifest {
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
}

interface Config {
  readonly architecture: string
  readonly config: object
  readonly rootfs: { readonly diff_ids: readonly string[] }
}

/** As a runtime reads it: from the index to the layers, and every digest and size is checked. */
class Reader {
  readonly #files: ReadonlyMap<string, Buffer>

  constructor(files: ReadonlyMap<string, Buffer>) {
    this.#files = files
  }

  static async of(archive: Uint8Array): Promise<Reader> {
    const entries = await unpackTar(archive)
    return new Reader(new Map(entries.map(({ header, data }) => [header.name, Buffer.from(data ?? [])])))
  }

  json<Content>(name: string): Content {
    return JSON.parse(String(this.#files.get(name)))
  }

  blob({ digest, size }: Descriptor): Buffer {
    const bytes = this.#files.get(`blobs/${digest.replace(':', '/')}`)
    assert.ok(bytes, `no blob ${digest}`)
    assert.equal(digestOf(bytes), digest)
    assert.equal(bytes.length, size)
    return bytes
  }
}

it('leads from the index to every layer, by digests that are right', async () => {
  const reader = await Reader.of(await packArchive(image))
  assert.deepEqual(reader.json('oci-layout'), { imageLayoutVersion: '1.0.0' })
  const [entry] = reader.json<Index>('index.json').manifests
  assert.deepEqual(entry.platform, { os: 'linux', architecture: 'arm64' })
  assert.equal(entry.annotations['io.containerd.image.name'], NAME)
  assert.equal(entry.annotations['org.opencontainers.image.ref.name'], '1.2.3')
  const manifest: Manifest = JSON.parse(String(reader.blob(entry)))
  const config: Config = JSON.parse(String(reader.blob(manifest.config)))
  assert.deepEqual(config.config, image.settings)
  assert.equal(config.architecture, 'arm64')
  assert.deepEqual(
    manifest.layers.map(layer => digestOf(gunzipSync(reader.blob(layer)))),
    config.rootfs.diff_ids,
  )
})

it('leads from one name to an image for each architecture, and has once what they have in common', async () => {
  const other: Image = { ...image, architecture: 'x64', layers: image.layers.slice(0, 1) }
  const archive = await packArchive(image, other)
  const reader = await Reader.of(archive)
  const [named] = reader.json<Index>('index.json').manifests
  assert.equal(named.annotations['io.containerd.image.name'], NAME)
  assert.equal(named.digest, imageDigest(image, other))
  const { manifests }: Index = JSON.parse(String(reader.blob(named)))
  const configs = manifests.map(each => {
    const manifest: Manifest = JSON.parse(String(reader.blob(each)))
    return (JSON.parse(String(reader.blob(manifest.config))) as Config).architecture
  })
  assert.deepEqual(configs, ['arm64', 'amd64'])
  const names = (await unpackTar(archive)).map(({ header }) => header.name)
  assert.deepEqual(names, [...new Set(names)])
})

it('imageDigest() is what an index says of an image', async () => {
  const [entry] = (await Reader.of(await packArchive(image))).json<Index>('index.json').manifests
  assert.equal(imageDigest(image), entry.digest)
})

it('has the time of its commit', async () => {
  const created = '2026-01-02T03:04:05Z'
  const labels = { 'org.opencontainers.image.created': created }
  const reader = await Reader.of(
    await packArchive({ ...image, settings: { ...image.settings, Labels: labels } }),
  )
  const [entry] = reader.json<Index>('index.json').manifests
  const manifest: Manifest = JSON.parse(String(reader.blob(entry)))
  assert.equal(JSON.parse(String(reader.blob(manifest.config))).created, created)
})

it('tells Docker the same', async () => {
  const reader = await Reader.of(await packArchive(image))
  const [docker] = reader.json<object[]>('manifest.json')
  const [entry] = reader.json<Index>('index.json').manifests
  const manifest: Manifest = JSON.parse(String(reader.blob(entry)))
  const placeOf = ({ digest }: Descriptor): string => `blobs/${digest.replace(':', '/')}`
  assert.deepEqual(docker, {
    Config: placeOf(manifest.config),
    RepoTags: [NAME],
    Layers: manifest.layers.map(placeOf),
  })
})

it('is the same, byte by byte, when it is made again', async () => {
  assert.equal(digestOf(await packArchive(image)), digestOf(await packArchive(image)))
})
