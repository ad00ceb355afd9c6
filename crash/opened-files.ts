import type { CrashReport, ReportBinary, ReportSymbols } from './report.ts'

/** The program that crashed, as it is stored; `null`: it is not, or was not yet when the report was written. */
export function storedExecutable({ binaries }: Pick<CrashReport, 'binaries'>): ReportBinary | null {
  const [executable] = binaries ?? []
  return executable?.key === undefined || executable.notKept !== undefined ? null : executable
}

/** The symbols of its build, where they are in the store of the cores. */
export function storedSymbols({ binaries, crash, symbols }: CrashReport): ReportSymbols | null {
  const buildId = binaries?.[0]?.buildId ?? crash?.buildId
  // It stands in a line for a shell.
  if (buildId === undefined || !/^[0-9a-f]{4,128}$/.test(buildId)) return null
  return symbols?.find(file => file.buildId === buildId && file.key !== undefined) ?? null
}
