import { closeSync, fstatSync, openSync } from 'node:fs'
import { ElfImage } from '../../../crash/image/elf-image.ts'
import { Symbols } from '../../../crash/symbols/function-at.ts'
import type { Evidence } from '../../../handler/why/evidence.ts'
import { fileIn } from '../../../handler/why/file-in.ts'

const X86_64 = 62
const AARCH64 = 183
/** Where the kernel might have loaded Node, if it can be loaded anywhere. */
const BIAS = 0x5555_0000_0000n
const [STATUS_BYTES, REGISTERS_AT] = [512, 112]

/** The program that runs this test, as it would be found if its function `main` crashed at its first bytes. */
export function crashedInMain(): Evidence & { readonly main: bigint; close(): void } {
  const fd = openSync(process.execPath, 'r')
  const file = { fd, sizeBytes: fstatSync(fd).size }
  const image = ElfImage.open(fileIn(file))
  const main = image && new Symbols(image).addressOf('main')
  const first = image?.segments.find(({ type, fileOffset }) => type === 1 && fileOffset === 0)
  if (image === null || main === null || first === undefined) throw new Error('Node has no main()')
  const bias = first.address === 0n ? BIAS : 0n
  const start = first.address + bias
  const range = { start, end: start + BigInt(file.sizeBytes) + 0x1000_0000n, fileOffset: 0n }
  const registers = { 'x86-64': { instruction: 16, stack: 19 }, aarch64: { instruction: 32, stack: 31 } }
  const { instruction, stack } = registers[image.machine]
  const status = Buffer.alloc(STATUS_BYTES)
  status.writeBigUInt64LE(main + bias + 1n, REGISTERS_AT + 8 * instruction)
  status.writeBigUInt64LE(0x7ffe_0000_0000n, REGISTERS_AT + 8 * stack)
  return {
    main,
    machine: image.machine === 'x86-64' ? X86_64 : AARCH64,
    signal: 11,
    info: { number: 11, code: 1, address: 0x18n },
    threadNames: new Map(),
    call: null,
    owner: { workload: 'pod/shop/Deployment/web', container: 'app' },
    statuses: [status],
    mappings: [{ start, end: range.end, permissions: 'r-xp', name: process.execPath }],
    pieces: [{ address: 0x7ffe_0000_0000n, bytes: Buffer.alloc(4096) }],
    modules: [{ path: process.execPath, ...file, ranges: [range] }],
    close: () => closeSync(fd),
  }
}
