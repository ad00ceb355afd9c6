/** `file` with another build id, as its sections say it: in a note at its end. */
export function withBuildId(file: Buffer, buildId: string): Buffer {
  const id = Buffer.from(buildId, 'hex')
  const note = Buffer.concat([Buffer.alloc(12), Buffer.from('GNU\0'), id])
  note.writeUInt32LE(4, 0)
  note.writeUInt32LE(id.length, 4)
  note.writeUInt32LE(3, 8)
  const copy = Buffer.concat([file, note])
  const header = Number(copy.readBigUInt64LE(40)) + 64 * indexOfNotes(copy)
  copy.writeBigUInt64LE(BigInt(file.length), header + 24)
  copy.writeBigUInt64LE(BigInt(note.length), header + 32)
  return copy
}

const SHT_NOTE = 7

function indexOfNotes(file: Buffer): number {
  const at = Number(file.readBigUInt64LE(40))
  const types = Array.from({ length: file.readUInt16LE(60) }, (_, index) =>
    file.readUInt32LE(at + index * 64 + 4),
  )
  return types.indexOf(SHT_NOTE)
}
