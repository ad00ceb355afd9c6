import type { ValueOf } from './declaration.ts'
import type { KEYS } from './keys.ts'

/** `StorageConfig` as it is written, defaults filled in. */
export type StorageSettings = ValueOf<typeof KEYS>['StorageConfig']
