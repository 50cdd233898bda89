/** Control sequences of terminals (ECMA-48, section 5), with their parameters and strings. */
const SEQUENCES = new RegExp(
  [
    // CSI: colours, movements, modes
    '(?:\\x1b\\[|\\x9b)[0-?]*[ -/]*[@-~]?',
    // OSC, DCS, SOS, PM, APC: a string up to its terminator, or to the end of the line
    '(?:\\x1b[\\]PX^_]|[\\x90\\x98\\x9d-\\x9f])[^\\x07\\x1b\\x9c\\n]*(?:\\x07|\\x1b\\\\|\\x9c)?',
    // the short ones: character sets, saved positions
    '\\x1b[ -/]*[0-~]?',
  ].join('|'),
  'g',
)

/**
 * Output of another program as plain text: without control sequences and control characters, and without Unicode's
 * bidirectional controls, which reorder text (UAX #9). Keeps tabs and newlines. A carriage return within a line, and
 * Unicode's line separators, become a space. Pure.
 */
export function printable(text: string): string {
  return (
    text
      .replace(SEQUENCES, '')
      .replace(/\r+(?=\n|$)/g, '')
      .replace(/[\r\u2028\u2029]/g, ' ')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: removes them
      .replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, '')
  )
}
