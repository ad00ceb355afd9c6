import type { Abbreviation } from './abbreviation.ts'
import { sizeOfForm } from './form-size.ts'

/** An abbreviation, and how to pass over what it stands for: for most entries that is one number. */
export interface EntryLayout extends Abbreviation {
  readonly parts: readonly LayoutPart[]
  /** Whether it says where code is. */
  readonly hasCode: boolean
  readonly hasSibling: boolean
}

/** Values whose size is always the same, and the form of the one behind them; 0: that is the end. */
export interface LayoutPart {
  readonly fixedBytes: number
  readonly form: number
}

const [SIBLING, LOW_PC, RANGES] = [0x01, 0x11, 0x55]

export function layoutOf(abbreviation: Abbreviation, offsetBytes: 4 | 8): EntryLayout {
  const names = new Set(abbreviation.forms.map(([name]) => name))
  return {
    ...abbreviation,
    parts: partsOf(abbreviation, offsetBytes),
    hasCode: names.has(LOW_PC) || names.has(RANGES),
    hasSibling: names.has(SIBLING),
  }
}

function partsOf({ forms }: Abbreviation, offsetBytes: 4 | 8): readonly LayoutPart[] {
  const parts: LayoutPart[] = []
  let fixedBytes = 0
  for (const [, form] of forms) {
    const sizeBytes = sizeOfForm(form, offsetBytes)
    if (sizeBytes === null) parts.push({ fixedBytes, form })
    fixedBytes = sizeBytes === null ? 0 : fixedBytes + sizeBytes
  }
  return [...parts, { fixedBytes, form: 0 }]
}
