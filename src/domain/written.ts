// What people may write into a field, and how much of it: the same in a request and in a file.

/** Characters at most. */
export const LONGEST = {
  groupName: 100,
  groupDescription: 1000,
  /** Of a guest. Users have a first and a last name, and longer ones where a client sends both as one. */
  guestName: 100,
  fullName: 255,
  title: 200,
  description: 5000,
  item: 200,
  tag: 50,
  vendor: 200,
  location: 300,
  comment: 2000,
  category: 60,
  settlement: 500,
} as const

/** Of an expense. */
export const MOST_TAGS = 20
export const MOST_CATEGORIES = 10

/** Half of a surrogate pair is no character either; whatever writes it as UTF-8 would store something else. */
export const isLine = (text: string): boolean => !/[\p{Cc}\p{Cs}]/u.test(text)

/** The same, of several lines. */
export const isText = (text: string): boolean => !/(?![\t\n\r])[\p{Cc}\p{Cs}]/u.test(text)

/** What the looks of a category are. */
export const ICON = /^[a-z0-9_]{1,40}$/
export const COLOR = /^#[0-9A-Fa-f]{6}$/
