import { FieldSelector } from '../../api/coredumps/field-selector.ts'
import { parseLabelSelector } from '../../api/coredumps/label-selector.ts'
import { StatusError } from '../../api/status-error.ts'
import { labelsOf } from '../../coredump/coredump-of.ts'
import type { IndexEntry } from '../../crash/index-entry.ts'
import { CliError, EXIT } from '../exit.ts'
import type { Selection } from './source.ts'

/** Whether a crash is meant, as coredog-api has it. Throws for selectors that are none. */
export function selects({ labels = '', fields = '' }: Selection): (entry: IndexEntry) => boolean {
  try {
    const [ofLabels, ofFields] = [parseLabelSelector(labels), new FieldSelector(fields)]
    return entry => ofFields.matches(entry) && ofLabels.every(holds => holds(labelsOf(entry)))
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    throw new CliError(EXIT.usage, `Cannot select crashes: ${error.message}`, HINT, error)
  }
}

const HINT =
  'Labels are pod, pod-uid, container and signal, each behind "coredog.io/"; `kubectl coredog list -o yaml` shows them.'
