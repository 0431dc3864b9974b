// Names that people could take for one another, after the idea of Unicode's UTS 39: a skeleton per
// name, and one script per word. No npm package for it has had data newer than of 2020, and the
// letters of these scripts that look like Latin ones are few.
import { withoutInvisible } from '../visible-text.ts'

// Pairs of a letter and the Latin one, or the digit, that it looks like.
const cyrillic =
  'аaсcԁdеeһhіiјjӏlоoрpԛqѕsυuѵvԝwхxуyүyвbнhкkмmтtгrьbзɜ' +
  'АAВBСCԌGԀDЕEНHІIЈJКKМMОOРPԚQЅSТTѴVԜWХXУYҮYЗ3Б6'
const greek = 'αaγyηnιiκkνvοoρpτtυuχxωwϲcϳj' + 'ΑAΒBΕEΗHΙIΚKΜMΝNΟOΡPΤTΥYΧXΖZϹCͿJ'
const armenian = 'օoսuհhոnցgզqքpյjԁdԝwՕOՍUՏSԼL'
const georgian = 'ყyძdოo'
// Such as the letters of phonetic alphabets.
const latin = 'ɑaɡgıiȷjɩiʋvꞵß'
const smallCapitals = 'ᴀaʙbᴄcᴅdᴇeꜰfɢgʜhɪIᴊjᴋkʟlᴍmɴnᴏoᴘpꞯqʀrꜱsᴛtᴜuᴠvᴡwʏyᴢz'
const hebrewAndArabic = 'סoוlןlاl٥o۵o'

const latinOf = pairsOf(cyrillic, greek, armenian, georgian, latin, smallCapitals, hebrewAndArabic)
// In many typefaces.
const alike: ReadonlyMap<string, string> = new Map([
  ...pairsOf('0O1l|lIl'),
  ['m', 'rn'],
  ['w', 'vv'],
])

function pairsOf(...texts: readonly string[]): Map<string, string> {
  const characters = Array.from(texts.join(''))
  return new Map(
    characters.flatMap((character, at) =>
      at % 2 === 0 ? [[character, characters[at + 1] ?? character] as const] : [],
    ),
  )
}

const dashes = /[\p{Dash}\u02D7\u2043]/gu
const apostrophes =
  /[\p{Quotation_Mark}`\u00B4\u02B9\u02BB-\u02BD\u02C8\u02CA\u02CB\u2032\u2035\uA78C\u055A\u05F3]/gu

/**
 * What a name looks like, in several forms. Names could be taken for one another if one form of
 * them is equal.
 */
export type Skeletons = readonly [string, string, string, string]

/**
 * Case, forms of the same characters, spaces, dashes and apostrophes do not count. The letters of
 * some scripts look like another Latin letter in each case, such as Ν and ν: so the names are also
 * compared without the table of letters.
 */
export function skeletonsOf(name: string): Skeletons {
  const punctuated = name.replaceAll(dashes, '-').replaceAll(apostrophes, "'")
  const plain = withoutInvisible(punctuated.normalize('NFKD'))
  return [
    folded(plain),
    folded(plain, alike),
    folded(plain, latinOf),
    folded(plain, latinOf, alike),
  ]
}

export function areAlike(one: Skeletons, other: Skeletons): boolean {
  return one.some((form, at) => form === other[at])
}

// Letters are replaced in the case that they have, and once more where only the small one is known.
function folded(text: string, ...tables: ReadonlyArray<ReadonlyMap<string, string>>): string {
  const inLatin = (some: string) => tables.reduce(replaced, some)
  return withoutCase(inLatin(withoutCase(inLatin(text))))
}

function replaced(text: string, characters: ReadonlyMap<string, string>): string {
  let result = ''
  for (const character of text) result += characters.get(character) ?? character
  return result
}

function withoutCase(text: string): string {
  return text.toUpperCase().toLowerCase().normalize('NFKD').replaceAll(/\s+/g, ' ').trim()
}

// UAX 31, Recommended Scripts; those of East Asia are written side by side, with Latin, too.
const eastAsian = ['Han', 'Hiragana', 'Katakana', 'Hangul', 'Bopomofo']
const scripts = (
  'Latin Greek Cyrillic Armenian Georgian Hebrew Arabic Bengali Devanagari Ethiopic Gujarati ' +
  'Gurmukhi Kannada Khmer Lao Malayalam Myanmar Oriya Sinhala Tamil Telugu Thaana Thai Tibetan'
).split(' ')
const classOf = (script: string) => `\\p{Script=${script}}`
const letterOf = scripts.map((script) => [script, new RegExp(classOf(script), 'u')] as const)
const all = ['Common', 'Inherited', ...eastAsian, ...scripts].map(classOf)
const isOfNone = new RegExp(`[^${all.join('')}]`, 'u')

/** Why the script of a letter in a name misleads; undefined if none does. */
export function validateScripts(name: string): string | undefined {
  const text = name.normalize('NFKC')
  const [rare] = text.match(isOfNone) ?? []
  if (rare !== undefined) return `"${rare}" belongs to a script that is not in common use`
  for (const [word] of text.matchAll(/[\p{L}\p{M}\p{N}]+/gu)) {
    const found = letterOf.filter(([, letter]) => letter.test(word)).map(([script]) => script)
    if (found.length > 1) return `the word "${word}" mixes ${found.join(' and ')} letters`
  }
  return undefined
}
