import { present } from './present.ts'
import type { ReportSignal } from './report.ts'
import { hasFaultAddress, signalCodeName, signalName } from './signal.ts'
import type { SignalInfo } from './signal-info.ts'

/** A signal of which the kernel told more than its number, as the report has it. */
export function shownSignal({ number, code, address }: SignalInfo): ReportSignal {
  return present({
    number,
    name: signalName(number),
    code: signalCodeName(number, code),
    faultAddress: hasFaultAddress(number, code) ? `0x${BigInt.asUintN(64, address).toString(16)}` : undefined,
  })
}
