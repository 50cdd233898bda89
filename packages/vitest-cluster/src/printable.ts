/** Control sequences of terminals (ECMA-48, section 5): what their parameters and strings hold is not text. */
const SEQUENCES = new RegExp(
  [
    // CSI: colours, movements, modes
    '(?:\\x1b\\[|\\x9b)[0-?]*[ -/]*[@-~]?',
    // OSC, DCS, SOS, PM, APC: a string up to its terminator, or as far as the line goes
    '(?:\\x1b[\\]PX^_]|[\\x90\\x98\\x9d-\\x9f])[^\\x07\\x1b\\x9c\\n]*(?:\\x07|\\x1b\\\\|\\x9c)?',
    // the short ones: character sets, saved positions
    '\\x1b[ -/]*[0-~]?',
  ].join('|'),
  'g',
)

/**
 * What another program printed, as text for people: without the sequences and control characters that a terminal would
 * obey, and without those of Unicode that show text in another order than it has (UAX #9). Tabs and newlines stay; a
 * carriage return within a line, and Unicode's own ends of lines, become a space. Pure.
 */
export function printable(text: string): string {
  return (
    text
      .replace(SEQUENCES, '')
      .replace(/\r+(?=\n|$)/g, '')
      .replace(/[\r\u2028\u2029]/g, ' ')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
      .replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, '')
  )
}
