import type { ElfImage } from '../image/elf-image.ts'
import { addressOfSymbol } from '../symbols/symbol-by-name.ts'
import { exportedSymbols } from '../symbols/symbol-tables.ts'
import type { Layout } from './layout.ts'

/** What the file of an interpreter says of where its state is, as its program headers have addresses. */
export interface PythonFile {
  /** PY_VERSION_HEX. */
  readonly version: bigint
  readonly runtime: bigint
  readonly types: Types
}

/** Where the types of objects are. */
export interface Types {
  readonly code: bigint
  readonly text: bigint
  readonly bytes: bigint
}

/** A thread of interpreters, in memory. */
export interface Python {
  readonly layout: Layout
  readonly types: Types
  /** Its PyThreadStates: one in each interpreter that it was in. */
  readonly threads: readonly bigint[]
}

/** `null`: it is none, or of a release before 3.11. */
export function pythonIn(image: ElfImage): PythonFile | null {
  const exported = exportedSymbols(image)
  const at = (name: string) => (exported === null ? null : addressOfSymbol(exported, name))
  const runtime = at('_PyRuntime')
  const versionAt = runtime === null ? null : at('Py_Version')
  const version = versionAt === null ? undefined : image.loadedReadOnly(versionAt, 8)?.readBigUInt64LE()
  const [code, text, bytes] = [at('PyCode_Type'), at('PyUnicode_Type'), at('PyBytes_Type')]
  if (runtime === null || version === undefined || code === null || text === null || bytes === null)
    return null
  return { version, runtime, types: { code, text, bytes } }
}
