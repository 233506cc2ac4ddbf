// A mail as a value: what it says, part by part. Both bodies are rendered from it, so they say the same. The HTML is
// what mail programs can show: tables and inline styles, nothing that is loaded, and all of it escaped.

/** One line of a table: what, how much, and a remark below. */
export interface Row {
  readonly label: string
  readonly amount?: string
  readonly detail?: string
}

/** A paragraph, or something that looks different from one. */
export type Part =
  | string
  | { readonly heading: string }
  | { readonly rows: readonly Row[] }
  | { readonly link: string; readonly to: string }
  /** To be copied: a code, a token, a command. */
  | { readonly copy: string }
  /** Somebody else's words. */
  | { readonly quote: string }
  | { readonly small: string }

export interface Letter {
  readonly subject: string
  /** What a list of mails shows beside the subject; the first paragraph where it is absent. */
  readonly preheader?: string
  readonly parts: readonly Part[]
  /** How to get no more of what it is; absent from what must be sent. */
  readonly unsubscribe?: { readonly what: string; readonly url: string }
}

const LONGEST_SUBJECT = 200
const FOOTER = 'Quits keeps track of who spent what, for whom, and who owes what.'
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Text as HTML that says the same and does nothing. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char)

/** The text as one line of a header: a name in it may have been written by somebody else, and a line break would begin another header. */
export const subjectLine = (text: string): string =>
  [...text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()].slice(0, LONGEST_SUBJECT).join('')

/** Labels to the left, amounts to the right, each column as wide as its widest line. */
function rowsText(rows: readonly Row[]): string {
  const [left, right] = [(row: Row) => row.label.length, (row: Row) => row.amount?.length ?? 0].map((size) =>
    Math.max(0, ...rows.map(size)),
  )
  return rows
    .map(({ label, amount, detail }) => {
      const line = amount === undefined ? `  ${label}` : `  ${label.padEnd(left ?? 0)}  ${amount.padStart(right ?? 0)}`
      return detail === undefined ? line : `${line}\n  - ${detail}`
    })
    .join('\n')
}

function partText(part: Part): string {
  if (typeof part === 'string') return part
  if ('heading' in part) return `${part.heading}\n${'-'.repeat(Math.min(part.heading.length, 60))}`
  if ('rows' in part) return rowsText(part.rows)
  if ('link' in part) return `${part.link}: ${part.to}`
  if ('copy' in part) return `    ${part.copy}`
  if ('quote' in part) return part.quote.replaceAll(/^/gm, '> ')
  return part.small
}

/** The body in plain text. What is to be copied stands on a line of its own, four spaces in. */
export function textOf({ parts, unsubscribe }: Letter): string {
  const leave = unsubscribe === undefined ? [] : [`No more ${unsubscribe.what} by mail: ${unsubscribe.url}`]
  return [...parts.map(partText), ['--', FOOTER, ...leave].join('\n')].join('\n\n')
}

const FONT = "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
const [BODY, SMALL] = [`${FONT};font-size:16px;line-height:1.5`, `${FONT};font-size:13px;line-height:1.5`]
/** The classes give mail programs with a dark mode colours of ours in place of guessed ones. */
const DARK = [
  '.page{background:#111827!important}',
  '.card{background:#1f2937!important}',
  '.ink{color:#f3f4f6!important}',
  '.dim{color:#9ca3af!important}',
  '.well{background:#374151!important;color:#f3f4f6!important}',
  '.rule{border-color:#374151!important}',
].join('')

const lines = (text: string): string => escapeHtml(text).replaceAll('\n', '<br>')
const paragraph = (text: string): string => `<p class="ink" style="margin:0 0 16px;color:#111827;${BODY}">${lines(text)}</p>`

function rowHtml({ label, amount = '', detail }: Row): string {
  const cell = `padding:8px 0;border-bottom:1px solid #e5e7eb;color:#111827;vertical-align:top;${BODY}`
  const remark = detail === undefined ? '' : `<br><span class="dim" style="color:#6b7280;${SMALL}">${lines(detail)}</span>`
  return [
    `<tr><td class="ink rule" style="${cell}">${lines(label)}${remark}</td>`,
    `<td class="ink rule" align="right" style="${cell};padding-left:16px;white-space:nowrap">${lines(amount)}</td></tr>`,
  ].join('\n')
}

function partHtml(part: Part): string {
  if (typeof part === 'string') return paragraph(part)
  if ('heading' in part)
    return `<h2 class="ink" style="margin:0 0 12px;color:#111827;${FONT};font-size:20px;line-height:1.3">${lines(part.heading)}</h2>`
  if ('rows' in part)
    return `<table width="100%" cellpadding="0" cellspacing="0" border="0" style="margin:0 0 16px;border-collapse:collapse">\n${part.rows.map(rowHtml).join('\n')}\n</table>`
  if ('link' in part)
    return [
      '<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:0 0 16px"><tr>',
      `<td style="background:#1d4ed8;border-radius:6px"><a href="${escapeHtml(part.to)}" style="display:inline-block;padding:12px 20px;color:#ffffff;text-decoration:none;${BODY}">${lines(part.link)}</a></td>`,
      '</tr></table>',
    ].join('\n')
  if ('copy' in part)
    return `<pre class="well" style="margin:0 0 16px;padding:12px;background:#f3f4f6;color:#111827;border-radius:6px;font-family:Menlo,Consolas,monospace;font-size:14px;white-space:pre-wrap;word-break:break-all">${escapeHtml(part.copy)}</pre>`
  if ('quote' in part)
    return `<blockquote class="dim rule" style="margin:0 0 16px;padding:0 0 0 12px;border-left:3px solid #d1d5db;color:#4b5563;${BODY}">${lines(part.quote)}</blockquote>`
  return `<p class="dim" style="margin:0 0 16px;color:#6b7280;${SMALL}">${lines(part.small)}</p>`
}

function footerHtml(unsubscribe: Letter['unsubscribe']): string {
  const leave =
    unsubscribe === undefined
      ? ''
      : `<br>\n<a class="dim" href="${escapeHtml(unsubscribe.url)}" style="color:#6b7280">No more ${escapeHtml(unsubscribe.what)} by mail</a>`
  return `<p class="dim" style="margin:16px 0 0;color:#6b7280;${SMALL}">${FOOTER}${leave}</p>`
}

/** The body in HTML: one column of at most 600 pixels, readable without pictures, in the dark too. */
export function htmlOf(letter: Letter): string {
  const { subject, parts, unsubscribe } = letter
  const preheader = letter.preheader ?? parts.find((part) => typeof part === 'string') ?? ''
  return [
    '<!doctype html>',
    '<html lang="en" dir="ltr"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">',
    `<title>${escapeHtml(subject)}</title>`,
    `<style>:root{color-scheme:light dark}@media (prefers-color-scheme:dark){${DARK}}</style></head>`,
    '<body class="page" style="margin:0;padding:0;background:#f3f4f6">',
    `<div style="display:none;max-height:0;overflow:hidden">${lines(preheader)}</div>`,
    '<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0" style="background:#f3f4f6"><tr><td align="center" style="padding:24px 12px">',
    '<table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0" style="width:100%;max-width:600px;text-align:left">',
    '<tr><td class="card" style="padding:24px;background:#ffffff;border-radius:8px">',
    ...parts.map(partHtml),
    '</td></tr>',
    `<tr><td style="padding:0 24px">${footerHtml(unsubscribe)}</td></tr>`,
    '</table>',
    '</td></tr></table>',
    '</body></html>',
  ].join('\n')
}
