/** What an instruction does with memory, or where it leads, as far as its bytes alone tell. */
export interface Instruction {
  /** Of its operand in memory; both is `write`, as the processor has it. */
  readonly access?: Access
  /** `aligned`: its operand has to lie at a multiple of its size. */
  readonly kind?: 'call' | 'return' | 'trap' | 'undefined' | 'privileged' | 'aligned'
  /** As an assembler has it: of a `trap`, and of what is `undefined` for ever. */
  readonly mnemonic?: string
  /** The extension of the processor that it needs, where that is not on every processor. */
  readonly extension?: string
}

export type Access = 'read' | 'write'
