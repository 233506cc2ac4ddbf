// Which font file has which characters. Only the files that a document needs are loaded: all of them are 24 MB.
// `scripts/prepare.mjs` gathers the files; a test holds that every one of these is there.

export type Weight = 'regular' | 'bold'

/** Latin, Greek and Cyrillic with the signs of currencies; the only face with a bold one of its own. */
export const BASE: Readonly<Record<Weight, string>> = { regular: 'NotoSans_400Regular.ttf', bold: 'NotoSans_700Bold.ttf' }

/** Characters of a script, and the files that may have them, the likeliest first. */
const SCRIPTS: readonly (readonly [characters: RegExp, ...files: string[]])[] = [
  [/[\u0530-\u058f\ufb13-\ufb17]/u, 'NotoSansArmenian_400Regular.ttf'],
  [/[\u0590-\u05ff\ufb1d-\ufb4f]/u, 'NotoSansHebrew_400Regular.ttf'],
  [/[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff]/u, 'NotoSansArabic_400Regular.ttf'],
  [/[\u0900-\u097f\ua8e0-\ua8ff]/u, 'NotoSansDevanagari_400Regular.ttf'],
  [/[\u0980-\u09ff]/u, 'NotoSansBengali_400Regular.ttf'],
  [/[\u0a00-\u0a7f]/u, 'NotoSansGurmukhi_400Regular.ttf'],
  [/[\u0a80-\u0aff]/u, 'NotoSansGujarati_400Regular.ttf'],
  [/[\u0b80-\u0bff]/u, 'NotoSansTamil_400Regular.ttf'],
  [/[\u0c00-\u0c7f]/u, 'NotoSansTelugu_400Regular.ttf'],
  [/[\u0c80-\u0cff]/u, 'NotoSansKannada_400Regular.ttf'],
  [/[\u0d00-\u0d7f]/u, 'NotoSansMalayalam_400Regular.ttf'],
  [/[\u0e00-\u0e7f]/u, 'NotoSansThai_400Regular.ttf'],
  [/[\u10a0-\u10ff\u1c90-\u1cbf\u2d00-\u2d2f]/u, 'NotoSansGeorgian_400Regular.ttf'],
  [/[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff]/u, 'NanumGothic_400Regular.ttf'],
  [/[\p{Script=Han}\u3000-\u30ff\u3190-\u33ff\ufe30-\ufe4f\uff00-\uffef]/u, 'NotoSansJP_400Regular.ttf'],
  [/\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3/u, 'NotoEmoji_400Regular.ttf', 'NotoSansJP_400Regular.ttf'],
  // Arrows, shapes and other signs that the base face has only some of.
  [/[\u2100-\u2bff]/u, 'NotoSansJP_400Regular.ttf', 'NotoEmoji_400Regular.ttf'],
]

/** Has the Chinese characters that Japanese does without; 10 MB, so it is asked last. */
const CHINESE = 'NotoSansSC_400Regular.ttf'
const HAN = /[\p{Script=Han}\u3000-\u303f]/u

/** Every file that a document can ask for. */
export const FONT_FILES: readonly string[] = [...new Set([BASE.regular, BASE.bold, ...SCRIPTS.flatMap(([, ...files]) => files), CHINESE])]

/** The files to try for a character that the base face does not have. */
export function filesFor(character: string, isChinese: boolean): readonly string[] {
  const files = SCRIPTS.find(([characters]) => characters.test(character))?.slice(1) ?? []
  if (!HAN.test(character)) return files as string[]
  return isChinese ? [CHINESE, ...(files as string[])] : [...(files as string[]), CHINESE]
}
