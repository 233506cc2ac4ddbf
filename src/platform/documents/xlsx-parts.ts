// The parts of a workbook that say nothing about anybody: which sheets there are, and how cells look.
import type { Column } from '../../domain/document.ts'
import { escapeXml } from './xml.ts'

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006'
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml'

type Names = readonly string[]

export const CONTENT_TYPES = (names: Names): string =>
  `${XML}<Types xmlns="${PACKAGE}/content-types">` +
  '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
  '<Default Extension="xml" ContentType="application/xml"/>' +
  `<Override PartName="/xl/workbook.xml" ContentType="${TYPE}.sheet.main+xml"/>` +
  `<Override PartName="/xl/styles.xml" ContentType="${TYPE}.styles+xml"/>` +
  names.map((_, i) => `<Override PartName="/xl/worksheets/sheet${i + 1}.xml" ContentType="${TYPE}.worksheet+xml"/>`).join('') +
  '</Types>'

export const RELATIONS =
  `${XML}<Relationships xmlns="${PACKAGE}/relationships">` +
  `<Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`

export const WORKBOOK = (names: Names): string => {
  const sheets = names.map((name, i) => `<sheet name="${escapeXml(name)}" sheetId="${i + 1}" r:id="rId${i + 1}"/>`).join('')
  return `${XML}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets>${sheets}</sheets></workbook>`
}

export const WORKBOOK_RELATIONS = (names: Names): string =>
  `${XML}<Relationships xmlns="${PACKAGE}/relationships">` +
  names.map((_, i) => `<Relationship Id="rId${i + 1}" Type="${OFFICE}/worksheet" Target="worksheets/sheet${i + 1}.xml"/>`).join('') +
  `<Relationship Id="rId${names.length + 1}" Type="${OFFICE}/styles" Target="styles.xml"/></Relationships>`

const LONGEST_NAME = 31

/** Names that sheets may have: short, without signs of references, and no two alike. */
export function sheetNames(wanted: readonly string[]): string[] {
  const taken = new Set<string>()
  return wanted.map((name, i) => {
    const clean = name.replaceAll(/[[\]:*?/\\\p{Cc}]/gu, ' ').replaceAll(/^[\s']+|[\s']+$/g, '') || `Sheet ${i + 1}`
    for (let n = 1; ; n++) {
      const ending = n === 1 ? '' : ` (${n})`
      const free =
        clean
          .slice(0, LONGEST_NAME - ending.length)
          .toWellFormed()
          .trim() + ending
      if (taken.has(free.toLowerCase())) continue
      taken.add(free.toLowerCase())
      return free
    }
  })
}

/** Numbers have a look for each count of decimals. */
const MOST_DECIMALS = 8
const LOOKS = 3 + MOST_DECIMALS

/** The look of a cell as `STYLES` lists them: texts, days, and numbers by their decimals; once plain and once bold. */
export function styleOf(look: 'text' | 'date' | number, isBold: boolean): number {
  const at = look === 'text' ? 0 : look === 'date' ? 1 : 2 + Math.min(MOST_DECIMALS, look)
  return 1 + at + (isBold ? LOOKS : 0)
}

/** Built-in formats: 49 is text, which stays text when it is edited, 14 a day as its reader writes days. */
const [TEXT, DATE, FIRST_OWN] = [49, 14, 164]
const decimals = Array.from({ length: MOST_DECIMALS + 1 }, (_, i) => `#,##0${i === 0 ? '' : `.${'0'.repeat(i)}`}`)
const formats = [TEXT, DATE, ...decimals.map((_, i) => FIRST_OWN + i)]
const looks = [0, 1].flatMap((font) =>
  formats.map(
    (format) => `<xf numFmtId="${format}" fontId="${font}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>`,
  ),
)

export const STYLES =
  `${XML}<styleSheet xmlns="${MAIN}">` +
  `<numFmts count="${decimals.length}">${decimals.map((code, i) => `<numFmt numFmtId="${FIRST_OWN + i}" formatCode="${code}"/>`).join('')}</numFmts>` +
  '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>' +
  '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>' +
  '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>' +
  '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>' +
  `<cellXfs count="${looks.length + 1}"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>${looks.join('')}</cellXfs>` +
  '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'

/** Characters that fit into a column: rows come later, so this is by kind. */
function widthOf({ kind, header, weight }: Column): number {
  const usual = kind === 'text' ? Math.min(60, 22 * (weight ?? 1)) : kind === 'money' ? 16 : 12
  return Math.max(usual, Math.min(40, header.length + 4))
}

/** Everything of a sheet before its rows: the header row stays in sight, and columns have their widths. */
export function headOf(columns: readonly Column[]): string {
  const widths = columns.map((column, i) => `<col min="${i + 1}" max="${i + 1}" width="${widthOf(column)}" customWidth="1"/>`).join('')
  return (
    `${XML}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0">` +
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>' +
    `${widths === '' ? '' : `<cols>${widths}</cols>`}<sheetData>`
  )
}
