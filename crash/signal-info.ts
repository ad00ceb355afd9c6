import { address } from './elf.ts'
import { signalName } from './signal.ts'

/** What the kernel's siginfo_t says of the signal. */
export interface SignalInfo {
  readonly number: number
  /** si_code: how it came. 0 or less: a process, a timer or a queue sent it. */
  readonly code: number
  /** si_addr, as it stands: of a signal that was sent it is no address, but its sender. */
  readonly address: bigint
  /**
   * Who sent it, as si_pid, in the pid namespace of the process that got it; 0: a process outside of that.
   * A thread that signals itself is its own sender.
   */
  readonly pid?: number
  /** Real user id of the sender, in the user namespace of the process that got it. */
  readonly uid?: number
  /** The number of the system call that a seccomp filter refused; -1 is one, too. */
  readonly systemCall?: number
}

// kill(2), sigqueue(3), mq_notify(3), tgkill(2). A timer has its own number at si_pid's place.
const SENT_BY_PROCESS: readonly number[] = [0, -1, -3, -6]
const SYS_SECCOMP = 1

/**
 * siginfo_t: si_signo, si_errno, si_code, and then a union, aligned to the size of an address: where it begins
 * lies the address, or else pid and uid of the sender (include/uapi/asm-generic/siginfo.h).
 */
export function signalInfoIn(bytes: Buffer, addressBytes: 4 | 8): SignalInfo | null {
  const unionAt = addressBytes === 8 ? 16 : 12
  if (bytes.length < unionAt + 8 || bytes.readInt32LE(0) < 1) return null
  const [number, code] = [bytes.readInt32LE(0), bytes.readInt32LE(8)]
  const callAt = unionAt + addressBytes
  return {
    number,
    code,
    address: address(bytes, unionAt, addressBytes),
    ...(SENT_BY_PROCESS.includes(code)
      ? { pid: bytes.readInt32LE(unionAt), uid: bytes.readUInt32LE(unionAt + 4) }
      : {}),
    ...(signalName(number) === 'SIGSYS' && code === SYS_SECCOMP && bytes.length >= callAt + 4
      ? { systemCall: bytes.readInt32LE(callAt) }
      : {}),
  }
}
