import type { ReceiverConfig } from '../../config/receivers/all.ts'

/** The one at `place`, from 0, among those of its kind, as logs and the self-test show it: `webhook#1`. */
export function receiverName({ kind }: Pick<ReceiverConfig, 'kind'>, place: number): string {
  return `${kind}#${place + 1}`
}
