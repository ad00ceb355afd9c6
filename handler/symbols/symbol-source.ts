/** Who may know the names of a build's code: a folder of the store, or a server. */
export interface SymbolSource {
  /** As the configuration has it. */
  readonly name: string
  /**
   * The file of symbols of a build; `null`: there is none. When `signal` aborts it ends, the body included. Rejects
   * where it cannot be asked, with an {@link OperatorError} perhaps.
   */
  find(buildId: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | null>
  /** Gives back its connections. */
  end(): Promise<void>
  /** Where that file is, as the report has it. */
  placeOf(buildId: string): { readonly url: string; readonly key?: string }
}
