import { en } from './en.ts'
import type { Language } from './language.ts'

/** The languages that messages come in. Complete: it does not compile without one that can be configured. */
export const LANGUAGES = { en } as const satisfies Readonly<Record<string, Language>>

export type LanguageName = keyof typeof LANGUAGES
