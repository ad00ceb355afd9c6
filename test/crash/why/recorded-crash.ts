import { readFileSync } from 'node:fs'
import path from 'node:path'
import { mappingsInMaps } from '../../../crash/mapping.ts'
import { signalInfoIn } from '../../../crash/signal-info.ts'
import type { Evidence } from '../../../crash/why/reason.ts'

const FILE = path.join(import.meta.dirname, '../../fixtures/why/recorded.jsonl')

/** What was known of real crashes, by the name of the case. test/fixtures/why/README.md says how. */
export const RECORDED: ReadonlyMap<string, Evidence> = new Map(
  readFileSync(FILE, 'utf8').trimEnd().split('\n').map(evidenceIn),
)

function evidenceIn(line: string): [string, Evidence] {
  const { name, signal, pid, info, maps, ...registers } = JSON.parse(line)
  const evidence: Evidence = {
    signal,
    pid,
    machine: 'x86-64',
    info: signalInfoIn(Buffer.from(info, 'hex'), 8)!,
    instruction: BigInt(registers.instruction),
    stackPointer: BigInt(registers.stackPointer),
    code: Buffer.from(registers.code, 'hex'),
    mappings: mappingsInMaps(Buffer.from(maps.map((mapping: string) => `${mapping}\n`).join(''))),
  }
  return [name, evidence]
}
