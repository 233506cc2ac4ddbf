-- What the ledger's tables refuse, whoever writes to them, and the search table.

-- The fence: an entry follows the head that its decision was made on, or nothing is written.
CREATE TRIGGER journal_fence BEFORE INSERT ON journal
WHEN NEW.seq <> 1 + COALESCE((SELECT MAX(seq) FROM journal WHERE group_id = NEW.group_id), 0)
  OR NEW.previous <> COALESCE((SELECT hash FROM journal WHERE group_id = NEW.group_id ORDER BY seq DESC LIMIT 1), '')
BEGIN
  SELECT RAISE(ABORT, 'fence: the journal has moved on');
END;
--> statement-breakpoint
CREATE TRIGGER journal_frozen BEFORE INSERT ON journal
WHEN (SELECT frozen_at FROM groups WHERE id = NEW.group_id) IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'frozen: the group takes no writes');
END;
--> statement-breakpoint
-- Nothing in the journal changes, but that the words of an entry can be erased.
CREATE TRIGGER journal_kept BEFORE UPDATE ON journal
WHEN NEW.texts IS NOT NULL OR NEW.salt IS NOT NULL
  OR NEW.group_id <> OLD.group_id OR NEW.seq <> OLD.seq OR NEW.command_id <> OLD.command_id OR NEW.at <> OLD.at
  OR NEW.type <> OLD.type OR NEW.body <> OLD.body OR NEW.text_digest <> OLD.text_digest
  OR NEW.previous <> OLD.previous OR NEW.hash <> OLD.hash
BEGIN
  SELECT RAISE(ABORT, 'append-only: the journal is never changed');
END;
--> statement-breakpoint
CREATE TRIGGER journal_never_deleted BEFORE DELETE ON journal
BEGIN
  SELECT RAISE(ABORT, 'append-only: the journal is never changed');
END;
--> statement-breakpoint
CREATE TRIGGER postings_kept BEFORE UPDATE ON postings
BEGIN
  SELECT RAISE(ABORT, 'append-only: postings are never changed');
END;
--> statement-breakpoint
CREATE TRIGGER postings_never_deleted BEFORE DELETE ON postings
BEGIN
  SELECT RAISE(ABORT, 'append-only: postings are never changed');
END;
--> statement-breakpoint
-- INSERT OR REPLACE would delete without asking the trigger above.
CREATE TRIGGER postings_once BEFORE INSERT ON postings
WHEN EXISTS (SELECT 1 FROM postings WHERE group_id = NEW.group_id AND member_id = NEW.member_id AND currency = NEW.currency AND seq = NEW.seq)
BEGIN
  SELECT RAISE(ABORT, 'append-only: postings are never changed');
END;
--> statement-breakpoint
-- A balance is the sum of its postings because nothing else writes it.
CREATE TRIGGER postings_balance AFTER INSERT ON postings
BEGIN
  INSERT INTO balances (group_id, member_id, currency, paid, owed, square_seq, square_at)
  SELECT NEW.group_id, NEW.member_id, NEW.currency, NEW.paid, NEW.owed, iif(NEW.paid >= NEW.owed, NEW.seq, 0), iif(NEW.paid >= NEW.owed, at, 0)
  FROM journal WHERE group_id = NEW.group_id AND seq = NEW.seq
  ON CONFLICT (group_id, member_id, currency) DO UPDATE SET
    paid = paid + NEW.paid,
    owed = owed + NEW.owed,
    square_seq = iif(paid + NEW.paid >= owed + NEW.owed, NEW.seq, square_seq),
    square_at = iif(paid + NEW.paid >= owed + NEW.owed, (SELECT at FROM journal WHERE group_id = NEW.group_id AND seq = NEW.seq), square_at);
END;
--> statement-breakpoint
-- Title, description, vendor and tags of every expense, with the group's id as a word of its own.
CREATE VIRTUAL TABLE expense_search USING fts5(words, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2');
