/** Where CPython keeps what tells its frames: bytes from the beginning of each structure. */
export interface Layout {
  readonly interpretersAt: number
  readonly interpreter: { readonly nextAt: number; readonly threadsAt: number }
  readonly thread: {
    readonly nextAt: number
    /** Each leads to where the next one counts from, and the last to the innermost frame. */
    readonly frameAt: readonly number[]
    readonly threadIdAt: number
    readonly nativeIdAt: number
  }
  readonly frame: {
    readonly previousAt: number
    readonly codeAt: number
    readonly instructionAt: number
    readonly ownerAt: number
  }
  readonly code: {
    readonly fileAt: number
    readonly nameAt: number
    readonly linesAt: number
    readonly firstLineAt: number
    readonly instructionsAt: number
  }
  readonly typeAt: number
  readonly bytes: { readonly sizeAt: number; readonly contentAt: number }
  readonly text: {
    readonly lengthAt: number
    readonly stateAt: number
    /** Where the characters stand: of ASCII, and of others. */
    readonly asciiAt: number
    readonly othersAt: number
  }
}
