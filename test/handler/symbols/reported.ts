import type { CrashReport, ReportFrame } from '../../../crash/report.ts'
import { withBuildId } from '../../crash/symbol-file/with-build-id.ts'
import { fixture } from '../../crash/symbols/fixture.ts'

export const BUILD_ID = '0123456789abcdef0123456789abcdef01234567'
export const OTHER_ID = 'fedcba9876543210fedcba9876543210fedcba98'

/** What names the code of a build. */
export function symbolsOf(buildId = BUILD_ID): Buffer {
  return withBuildId(fixture('lines-dwarf-5.so'), buildId)
}

/** A frame without a name, in the code of {@link symbolsOf}. */
export function unnamed(address: string, more: ReportFrame = {}): ReportFrame {
  return { module: '/app/shop', address, buildId: BUILD_ID, trust: 'cfi', own: true, ...more }
}

/** As of a program that was stripped: what crashed had called nothing. */
export function reportOf(...frames: readonly ReportFrame[]): CrashReport {
  const crash = { reason: 'SIGSEGV: a null pointer', site: 's', fingerprint: 'v2:f', group: 'v2:g', frames }
  return { schema: 'coredog.io/report/v1', id: '0123456789ab', crash, timing: { whySeconds: 0.1 } }
}
