import { readFileSync, readlinkSync } from 'node:fs'
import { fieldOf } from './process-standing.ts'

/** CAP_CHECKPOINT_RESTORE and what comes after it a runtime of before does not know, and does not give. */
const KNOWN_TO_ALL = 2n ** 38n - 1n

/** Types of SELinux that are as good as none. */
const UNCONFINED = ['spc_t', 'unconfined_t']

/**
 * Whether a process is root of the machine already, whatever container it is in: with all capabilities that the first
 * process can give, in the first user namespace, and confined by nothing. Only such a one gains nothing by having root
 * run a program of its own. `folder` is its /proc/<pid>, held open: what it tells is all of one process.
 */
export function isMachinesRoot(folder: string, proc = '/proc'): boolean {
  try {
    const status = readFileSync(`${folder}/status`, 'latin1')
    const most = capabilities(readFileSync(`${proc}/1/status`, 'latin1'), 'CapBnd') & KNOWN_TO_ALL
    const hasAll = (set: string) => (capabilities(status, set) & most) === most
    return (
      readlinkSync(`${folder}/ns/user`) === readlinkSync(`${proc}/self/ns/user`) &&
      ['CapEff', 'CapPrm', 'CapBnd'].every(hasAll) &&
      fieldOf(status, 'NoNewPrivs') === '0' &&
      fieldOf(status, 'Seccomp') === '0' &&
      isUnconfined(labelOf(folder))
    )
  } catch {
    return false
  }
}

/** A set that is not there is an error: what is unknown is no right. */
function capabilities(status: string, set: string): bigint {
  return BigInt(`0x${fieldOf(status, set)}`)
}

/** Of AppArmor: `name (enforce)`. Of SELinux: `user:role:type:level`. */
export function isUnconfined(label: string): boolean {
  if (/\((?:enforce|kill|mixed)\)/.test(label)) return false
  const [, , type] = label.split(':')
  return type === undefined || UNCONFINED.includes(type)
}

function labelOf(folder: string): string {
  try {
    return readFileSync(`${folder}/attr/current`, 'latin1').replace(/[\0\n]+$/, '')
  } catch {
    // A kernel without either of them.
    return ''
  }
}
