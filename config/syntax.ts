/** What is wrong with a text that is no YAML, and what to do. */
interface SyntaxProblem {
  readonly state: string
  readonly hint: string
}

// In our own words, because the parser's quote what it stumbled over, and that may be half of a password.
const PROBLEMS: Readonly<Record<string, SyntaxProblem>> = {
  TAB_AS_INDENT: { state: 'a tab is used for indentation', hint: 'Indent with spaces.' },
  BAD_INDENT: {
    state: 'the indentation does not fit what is above',
    hint: 'Indent keys that belong together by the same number of spaces, and close every [ and {.',
  },
  MISSING_CHAR: {
    state: 'something is missing: a closing quote or bracket, a comma, or ": " after a key',
    hint: 'Look at this line and the ones above it; write "key: value", with a space, and close every quote.',
  },
  UNEXPECTED_TOKEN: {
    state: 'this does not belong here',
    hint: 'Look at the indentation of this line and the one above it, and at quotes that end too early.',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    state: 'a second ": " stands in one line',
    hint: 'Quote the value if ": " belongs to it, or begin a new line after the first key.',
  },
  MULTILINE_IMPLICIT_KEY: {
    state: 'a key goes over several lines',
    hint: 'Write "key: value", with a space after the colon, in this line and the one above it.',
  },
  BAD_SCALAR_START: {
    state: 'a value cannot begin with this character',
    hint: 'Put the value in quotes.',
  },
  BAD_DQ_ESCAPE: {
    state: 'a backslash in double quotes stands before a character that it cannot escape',
    hint: "Use single quotes ('…'), in which a backslash is just a backslash.",
  },
  BAD_ALIAS: {
    state: 'a reference (*name) or anchor (&name) is not complete',
    hint: 'Put a value that begins with * or & in quotes.',
  },
  RESOURCE_EXHAUSTION: { state: 'too much is nested here', hint: 'Close every [ and {.' },
}

const OTHER: SyntaxProblem = {
  state: 'this is no YAML',
  hint: 'Look at the quotes, colons and indentation of this line and the one above it.',
}

/** `code` is the parser's name of an error. */
export function explainSyntax(code: string): SyntaxProblem {
  return PROBLEMS[code] ?? OTHER
}
