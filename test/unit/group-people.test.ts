// Who comes into a group, as what, and who may do what there: tables of commands and what must come of each.
import { describe, expect, test } from 'vitest'
import { MAX_MEMBERS } from '../../src/domain/group.ts'
import { Ledger, newcomer, opening, userId } from '../support/ledger.ts'
import { rule } from '../support/table.ts'

describe('coming and going', () => {
  rule(
    'nobody leaves or is removed with an open balance',
    `
    Ann opens a group                                  -> ok
    Ann adds Bob                                       -> ok
    Ann adds Cid                                       -> ok
    Ann pays 30.00 for dinner: Ann, Bob                -> ok
    Bob leaves                                         -> member.balance_open BALANCE_NOT_ZERO -15.00
    Ann removes Bob                                    -> member.balance_open BALANCE_NOT_ZERO -15.00
    Cid leaves                                         -> ok
    Bob pays 15.00 for cash: Ann                       -> ok
    balances                                           -> none
    Ann removes Bob                                    -> ok
    Ann removes Bob                                    -> member.not_found
    members                                            -> Ann owner, Bob removed member, Cid left member
  `,
  )

  rule(
    'who has left can no longer be charged, nor act',
    `
    Ann opens a group                                  -> ok
    Ann adds Bob                                       -> ok
    Ann adds Cid                                       -> ok
    Bob pays 30.00 for dinner: Ann, Bob, Cid           -> ok
    Ann pays 10.00 for cash: Bob                       -> ok
    Cid pays 10.00 for cash: Bob                       -> ok
    Ann removes Bob                                    -> ok
    Ann pays 10.00 for lunch: Ann, Bob                 -> member.inactive MEMBER_INACTIVE
    Ann notes that Bob pays 10.00 for lunch: Ann       -> member.inactive MEMBER_INACTIVE
    Ann pays 10.00 for lunch                           -> ok
    shares of lunch                                    -> Ann 5.00, Cid 5.00
    Ann edits dinner to 60.00                          -> member.inactive MEMBER_INACTIVE
    Ann edits dinner to 60.00: Ann, Cid                -> member.inactive MEMBER_INACTIVE
    Ann edits dinner titled Feast                      -> ok
    Bob pays 10.00 for revenge: Ann                    -> group.not_found
    Bob edits dinner titled Mine                       -> expense.not_found
    Ann deletes lunch                                  -> ok
    balances                                           -> none
  `,
  )

  rule(
    'a deleted expense of somebody who has left is not brought back',
    `
    Ann opens a group                                  -> ok
    Ann adds Bob                                       -> ok
    Bob pays 30.00 for dinner: Ann, Bob                -> ok
    Ann deletes dinner                                 -> ok
    Bob leaves                                         -> ok
    Ann restores dinner                                -> member.inactive
    balances                                           -> none
  `,
  )

  rule(
    'nothing opens the balance of somebody who has left again',
    `
    Ann opens a group                                  -> ok
    Ann adds Bob                                       -> ok
    Ann adds Cid                                       -> ok
    Ann pays 30.00 for dinner: Ann, Bob, Cid           -> ok
    Bob pays 10.00 for cash: Ann                       -> ok
    Bob leaves                                         -> ok
    Ann deletes dinner                                 -> member.inactive
    Ann edits dinner: Ann, Cid                         -> member.inactive
    Ann deletes cash                                   -> member.inactive
    Ann edits dinner titled Feast                      -> ok
    balances                                           -> Ann +10.00, Cid -10.00
  `,
  )

  rule(
    'who comes back has their old place',
    `
    Ann opens a group                                  -> ok
    Ann adds Bob                                       -> ok
    Ann adds Bob                                       -> member.duplicate
    Bob leaves                                         -> ok
    Bob joins with CODE                                -> ok
    Ann removes Bob                                    -> ok
    Bob joins with CODE                                -> invitation.not_found
    Ann adds Bob as viewer                             -> ok
    members                                            -> Ann owner, Bob viewer
  `,
  )

  rule(
    'guests take part without an account, and who claims their place takes over what they owe',
    `
    Ann opens a group                                  -> ok
    Ann adds guest Gus                                 -> ok
    Ann pays 30.00 for dinner: Ann, Gus                -> ok
    Ann notes that Gus pays 10.00 for taxi: Ann, Gus   -> ok
    balances                                           -> Ann +10.00, Gus -10.00
    Ann removes Gus                                    -> member.balance_open
    Ann makes Gus owner                                -> request.invalid
    Ann invites Hal                                    -> ok
    Ann pays 20.00 for snack: Ann, Hal                 -> ok
    Zoe accepts the invitation of Hal                  -> ok
    members                                            -> Ann owner, Gus member, Zoe member
    balances                                           -> Ann +20.00, Gus -10.00, Zoe -10.00
    Zoe pays 10.00 for cash: Ann                       -> ok
    Zoe leaves                                         -> ok
  `,
  )
})

describe('invitations', () => {
  rule(
    'an invitation is good once, until it expires or is withdrawn',
    `
    Ann opens a group                                  -> ok
    Ann invites Bob                                    -> ok
    members                                            -> Ann owner, Bob invited member
    Bob accepts the invitation of Bob                  -> ok
    members                                            -> Ann owner, Bob member
    Zed accepts the invitation of Bob                  -> invitation.expired
    Ann invites Cid                                    -> ok
    Ann revokes the invitation of Cid                  -> ok
    Ann revokes the invitation of Cid                  -> invitation.expired
    Cid accepts the invitation of Cid                  -> invitation.expired
    Ann invites Dan for 7 days                         -> ok
    8 days pass                                        -> ok
    Dan accepts the invitation of Dan                  -> invitation.expired
    Ann invites Dan for 7 days                         -> ok
    6 days pass                                        -> ok
    Dan accepts the invitation of Dan                  -> ok
    Ann invites Dan                                    -> member.duplicate
    members                                            -> Ann owner, Bob member, Cid invited member, Dan member
  `,
  )

  rule(
    'the place of an invitation is gone when the guest is, and one person has one place',
    `
    Ann opens a group                                  -> ok
    Ann invites Bob                                    -> ok
    Ann removes Bob                                    -> ok
    Bob accepts the invitation of Bob                  -> invitation.expired
    Ann adds Cid                                       -> ok
    Ann invites Dan                                    -> ok
    Cid accepts the invitation of Dan                  -> member.duplicate
  `,
  )

  rule(
    'who was here before takes their old place by an invitation, unless its guest was charged meanwhile',
    `
    Ann opens a group                                  -> ok
    Ann adds Cid                                       -> ok
    Ann adds Eve                                       -> ok
    Cid leaves                                         -> ok
    Eve leaves                                         -> ok
    Ann invites Dan                                    -> ok
    Ann invites Fay                                    -> ok
    Cid accepts the invitation of Dan                  -> ok
    members                                            -> Ann owner, Cid member, Eve left member, Dan removed member, Fay invited member
    Ann pays 10.00 for tea: Ann, Fay                   -> ok
    Eve accepts the invitation of Fay                  -> member.duplicate
  `,
  )

  rule(
    'a code opens a group that is not private',
    `
    Ann opens a group                                  -> ok
    Bob joins with NOPE                                -> invitation.not_found
    Bob joins with CODE                                -> ok
    Bob joins with CODE                                -> member.duplicate
    Ann archives the group                             -> ok
    Cid joins with CODE                                -> group.archived
  `,
  )

  rule(
    'a private group is not open to a code',
    `
    Ann opens a group private                          -> ok
    Bob joins with CODE                                -> invitation.not_found
  `,
  )

  rule(
    'nobody is invited into a higher role than the inviter may give',
    `
    Ann opens a group                                  -> ok
    Ann adds Bob                                       -> ok
    Bob invites Cid as admin                           -> group.forbidden
    Bob invites Cid as owner                           -> request.invalid
    Ann invites Cid as owner                           -> request.invalid
    Ann adds Cid as owner                              -> request.invalid
    Ann invites Cid as admin                           -> ok
    Bob invites Dan as viewer                          -> ok
  `,
  )
})

describe('roles', () => {
  rule(
    'each role may do what it says, and strangers see no group',
    `
    Ann opens a group                                  -> ok
    Ann adds Adi as admin                              -> ok
    Ann adds Mia                                       -> ok
    Ann adds Vic as viewer                             -> ok
    Vic pays 10.00 for tea                             -> group.forbidden
    Vic invites Eve                                    -> group.forbidden
    Mia pays 30.00 for tea                             -> ok
    shares of tea                                      -> Ann 10.00, Adi 10.00, Mia 10.00
    Vic comments on tea                                -> group.forbidden
    Vic deletes tea                                    -> group.forbidden
    Mia adds guest Gus                                 -> group.forbidden
    Mia removes Vic                                    -> group.forbidden
    Mia makes Vic member                               -> group.forbidden
    Mia names the group Mine                           -> group.forbidden
    Mia archives the group                             -> group.forbidden
    Adi comments on tea                                -> ok
    Adi names the group Ours                           -> ok
    Adi adds guest Gus                                 -> ok
    Adi makes Mia owner                                -> group.forbidden
    Adi makes Ann member                               -> group.forbidden
    Adi removes Ann                                    -> group.forbidden
    Adi makes Mia admin                                -> ok
    Vic leaves                                         -> ok
    Zed names the group Mine                           -> group.not_found
    Zed comments on tea                                -> expense.not_found
    Zed leaves                                         -> group.not_found
  `,
  )

  rule(
    'a group that has people always has an owner',
    `
    Ann opens a group                                  -> ok
    Ann adds Bob                                       -> ok
    Ann leaves                                         -> member.last_owner
    Ann makes Ann member                               -> member.last_owner
    Ann removes Ann                                    -> member.last_owner
    Ann makes Bob owner                                -> ok
    Ann leaves                                         -> ok
    Bob leaves                                         -> ok
    the group                                          -> archived
  `,
  )

  test('a system command is not for people', () => {
    const book = new Ledger()
    book.run(userId('Ann'), opening('Ann'))
    const rename = { type: 'rename_member', userId: userId('Ann'), name: 'Anna' } as const
    expect(book.run(userId('Ann'), rename)).toMatchObject({ ok: false, error: { code: 'group.forbidden' } })
    expect(book.run(undefined, rename).ok).toBe(true)
    expect(book.member('Anna')?.userId).toBe(userId('Ann'))
    expect(book.run(undefined, { ...rename, userId: userId('Zed') })).toMatchObject({ ok: false, error: { code: 'member.not_found' } })
  })
})

describe('the group', () => {
  rule(
    'an archived group takes nothing but its way back, and people may leave',
    `
    Ann opens a group                                  -> ok
    Ann adds Bob                                       -> ok
    Ann pays 10.00 for tea: Ann                        -> ok
    Ann archives the group                             -> ok
    Ann pays 10.00 for cake                            -> group.archived
    Ann edits tea to 20.00                             -> group.archived
    Ann deletes tea                                    -> group.archived
    Ann comments on tea                                -> group.archived
    Ann adds Cid                                       -> group.archived
    Ann invites Cid                                    -> group.archived
    Ann names the group Alps                           -> group.archived
    Ann makes Bob admin                                -> group.archived
    Ann archives the group                             -> group.archived
    Bob leaves                                         -> ok
    Ann unarchives the group                           -> ok
    Ann pays 10.00 for cake                            -> ok
    Zed unarchives the group                           -> group.not_found
  `,
  )

  rule(
    'a personal group stays of one',
    `
    Ann opens a group personal                         -> ok
    Ann pays 10.00 for tea                             -> ok
    Ann adds Bob                                       -> group.personal
    Ann invites Bob                                    -> group.personal
    Bob joins with CODE                                -> group.personal
    Ann leaves                                         -> group.personal
    Ann archives the group                             -> group.personal
    balances                                           -> none
  `,
  )

  rule(
    'a group is opened once, and before that nothing happens in it',
    `
    Ann pays 10.00 for tea                             -> group.not_found
    Ann leaves                                         -> group.not_found
    Ann opens a group                                  -> ok
    Ann opens a group                                  -> group.exists
  `,
  )

  test('a full group takes nobody in', () => {
    const book = new Ledger()
    const crowd = Array.from({ length: MAX_MEMBERS - 1 }, (_, i) => newcomer(`M${i}`))
    book.run(userId('Ann'), { ...opening('Ann'), members: [newcomer('Ann', 'owner'), ...crowd] })
    const full = { ok: false, error: { code: 'group.full' } }
    expect(book.run(userId('Ann'), { type: 'add_member', member: newcomer('Zed') })).toMatchObject(full)
    expect(book.run(userId('Zed'), { type: 'join_group', user: newcomer('Zed'), inviteCode: 'CODE' })).toMatchObject(full)
    expect(book.run(userId('M7'), { type: 'leave_group' }).ok).toBe(true)
    expect(book.run(userId('Ann'), { type: 'add_member', member: newcomer('Zed') }).ok).toBe(true)
  })
})
