// The categories everybody has: a tree of two levels, fixed ids, so that an expense's category never dangles.
import type { Id } from './ids.ts'
import type { Timestamp } from './time.ts'

export interface Category {
  readonly id: Id<'category'>
  readonly name: string
  readonly icon: string
  readonly color: string
  readonly parentId?: Id<'category'>
  /** Of the system, not somebody's own. */
  readonly isDefault: boolean
  /** Those of the system were always there. */
  readonly createdAt?: Timestamp
}

const TREE = `
Food & Dining     | restaurant     | #FF6B6B | Restaurants, Groceries, Coffee & Snacks, Delivery, Bars & Drinks
Housing           | home           | #4ECDC4 | Rent, Mortgage, Furniture, Maintenance, Household Supplies
Utilities         | bolt           | #FFD93D | Electricity, Gas & Heating, Water, Internet, Phone, Waste
Transportation    | directions_car | #45B7D1 | Fuel, Public Transport, Taxi & Ride Share, Parking, Car Maintenance
Travel            | flight         | #5C7CFA | Flights, Hotels, Rental Cars, Tours & Activities
Shopping          | shopping_bag   | #CC5DE8 | Clothing, Electronics, Gifts, Books
Entertainment     | movie          | #F06595 | Movies, Music, Games, Sports, Events
Health            | favorite       | #20C997 | Doctor, Pharmacy, Fitness, Health Insurance
Personal Care     | spa            | #FFA94D | Hair & Beauty, Laundry
Education         | school         | #748FFC | Tuition, Courses, School Supplies
Family            | family_restroom | #E599F7 | Childcare, Toys, Pets
Business          | work           | #868E96 | Office Supplies, Software, Client Meals, Professional Services, Advertising
Finance           | account_balance | #495057 | Bank Fees, Taxes, Insurance, Interest, Donations
Income            | payments       | #51CF66 | Salary, Freelance, Refunds, Interest Earned, Other Income
Other             | category       | #ADB5BD |
`

/** A fixed id: the number of the category and of its subcategory, written as a TypeID. */
const fixedId = (major: number, minor: number): Id<'category'> => `cat_${String(major * 100 + minor).padStart(26, '0')}`

export const SYSTEM_CATEGORIES: readonly Category[] = TREE.trim()
  .split('\n')
  .flatMap((row, i) => {
    const [name = '', icon = '', color = '', children = ''] = row.split('|').map((cell) => cell.trim())
    const parent: Category = { id: fixedId(i + 1, 0), name, icon, color, isDefault: true }
    const names = children === '' ? [] : children.split(', ')
    return [
      parent,
      ...names.map((child, k) => ({ id: fixedId(i + 1, k + 1), name: child, icon, color, parentId: parent.id, isDefault: true })),
    ]
  })

const BY_ID: ReadonlyMap<string, Category> = new Map(SYSTEM_CATEGORIES.map((category) => [category.id, category]))

/** The category of the system with this id, if it is one. */
export const findSystemCategory = (id: string): Category | undefined => BY_ID.get(id)
