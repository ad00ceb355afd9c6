import { open } from 'node:fs/promises'

/** As Kubernetes calls it. */
export type Architecture = 'amd64' | 'arm64'

/** e_machine of elf(5): EM_386 runs on an amd64, too. */
const MACHINES: Readonly<Record<number, Architecture>> = { 3: 'amd64', 62: 'amd64', 183: 'arm64' }
const MACHINE_AT = 18

/** Of the machine that wrote a core: its debugger is for that one. `null`: it is none that we know. */
export async function architectureOf(core: string): Promise<Architecture | null> {
  const file = await open(core, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MACHINE_AT + 2), 0, MACHINE_AT + 2, 0)
    const isElf = bytesRead === buffer.length && buffer.toString('latin1', 0, 4) === '\x7fELF'
    return isElf ? (MACHINES[buffer.readUInt16LE(MACHINE_AT)] ?? null) : null
  } finally {
    await file.close()
  }
}
