/** struct elf_prstatus of x86-64: fs_base is the 22nd of its registers. */
const FS_BASE_AT = 112 + 21 * 8

/** Where a thread of x86-64 has what is its own, which is what pthread_self() says; none: the note is too short. */
export function fsBaseIn(status: Uint8Array): bigint[] {
  return status.length < FS_BASE_AT + 8 ? [] : [Buffer.from(status).readBigUInt64LE(FS_BASE_AT)]
}
