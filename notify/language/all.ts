import type { LanguageName } from '../../config/languages.ts'
import { en } from './en.ts'
import type { Language } from './language.ts'
import { zh } from './zh.ts'

/** The languages that messages come in. Complete: it does not compile without one that can be configured. */
export const LANGUAGES: Readonly<Record<LanguageName, Language>> = { en, zh }

export type { LanguageName }
