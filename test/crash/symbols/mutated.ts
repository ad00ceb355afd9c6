import fc from 'fast-check'

const TELLING = [0, 1, 0x7f, 0x80, 0xff]

/** `file` with some bytes of it changed, and sometimes cut off; where it says nothing, it stays as it is. */
export function mutated(file: Buffer): fc.Arbitrary<Buffer> {
  const places = [...file.keys()].filter(at => file[at] !== 0 || file[at - 1] !== 0)
  const change = fc.record({
    at: fc.constantFrom(...places),
    bytes: fc.oneof(
      fc.array(fc.constantFrom(...TELLING), { minLength: 1, maxLength: 8 }),
      fc.array(fc.nat(255), { minLength: 1, maxLength: 8 }),
    ),
  })
  const changes = fc.array(change, { minLength: 1, maxLength: 12 })
  return fc.tuple(changes, fc.option(fc.nat(file.length), { freq: 8 })).map(([all, length]) => {
    const copy = Buffer.from(file)
    for (const { at, bytes } of all) copy.set(bytes.slice(0, copy.length - at), at)
    return copy.subarray(0, length ?? copy.length)
  })
}
