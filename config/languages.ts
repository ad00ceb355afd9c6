/** The languages that messages come in. Another one is a name here and its words in notify/language/. */
export const LANGUAGE_NAMES = ['en', 'zh'] as const

export type LanguageName = (typeof LANGUAGE_NAMES)[number]
