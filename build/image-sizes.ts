import type { ImageEntry, Layer } from './image-layer.ts'

/** From here on a file is named by itself. */
const NOTEWORTHY_BYTES = 500_000

/** A table of what takes how much, compressed (what is fetched) and unpacked (what lies on a node). */
export function renderSizes(layers: readonly Layer[]): string {
  const rows = layers.flatMap(layer => [
    row(layer.name, layer.blob.length, unpackedBytes(layer)),
    ...layer.entries.filter(isNoteworthy).map(entry => row(`  ${entry.path}`, null, bytesOf(entry))),
  ])
  const compressed = layers.reduce((sum, { blob }) => sum + blob.length, 0)
  const unpacked = layers.reduce((sum, layer) => sum + unpackedBytes(layer), 0)
  const all = [['', 'compressed', 'unpacked'], ...rows, row('all', compressed, unpacked)]
  return all
    .map(([name = '', ...sizes]) => `${name.padEnd(44)}${sizes.map(size => size.padStart(12)).join('')}\n`)
    .join('')
}

function row(name: string, compressed: number | null, unpacked: number): string[] {
  return [name, compressed === null ? '' : megabytes(compressed), megabytes(unpacked)]
}

function isNoteworthy(entry: ImageEntry): boolean {
  return bytesOf(entry) >= NOTEWORTHY_BYTES
}

function unpackedBytes({ entries }: Layer): number {
  return entries.reduce((sum, entry) => sum + bytesOf(entry), 0)
}

function bytesOf({ content = '' }: ImageEntry): number {
  return Buffer.byteLength(content)
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
