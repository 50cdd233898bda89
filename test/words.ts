/** Words that stopped readers, and what to write instead. `words.unit.test.ts` finds them in every text of the repository. */
export const WORDS: readonly (readonly [found: RegExp, instead: string])[] = [
  [/\bmend(s|ed|ing)?\b/i, 'fix'],
  [/\bfound made\b|\bfind it made\b|\bfinds it made\b/i, 'found in the cache'],
  [/\bstranger\b/i, 'another process'],
  [/\bknows? no\b|\bknew no\b/i, 'does not know, or: is case-insensitive'],
  [
    /(?<!\bthere )\b(is|are|was|were) no (?!longer\b|more\b|less\b|shorter\b|other\b|such\b|reason\b|\w+ (left|now)\b)[a-z]/i,
    'is not a …',
  ],
  [/\bdo(es)? not take it\b/i, 'rejects it'],
  [/\bgoes? with the (test|block)\b/i, 'is removed when the test ends'],
  [/\bwhat every object has\b/i, 'properties of Object.prototype'],
  [/\bthat there (is|are) not\b/i, 'that does not exist, or: unknown'],
  [/\bwhose it is\b|\bwho they are\b/i, 'its owner'],
  [/\bgoes? by itself\b|\bGOES IN\b|\bgoes in \$/i, 'is removed, expires in'],
  [/\bcame free\b|\bcomes? free\b/i, 'freed'],
  [/\bnobody: it is there\b/i, 'a word for the thing itself'],
  [/\bone was made\b/i, 'what was made'],
  [/\bsa(y|ys|id) nothing of\b/i, 'does not mention'],
  [/\bmade anew\b|\bmake it anew\b|\bwrite it anew\b/i, 'made again'],
  [/\bhas not(?=\s*([.,:;)]|$|what\b|the\b))/i, 'lacks'],
]
