-- The rival: double entry as services keep it in PostgreSQL. Every balance is a row that is locked, checked and updated.
-- It has no more than it needs to decide as package ledger does on the same transfers: two indexes beside the accounts',
-- and no foreign keys, which would cost it more.

-- Room is left in each page, so that a new version of a row stays there and no index is touched (a HOT update).
CREATE TABLE accounts (
	id            text PRIMARY KEY,
	balance       bigint NOT NULL DEFAULT 0,     -- minor units; not kept where nothing constrains it
	overdraft     bigint NOT NULL,               -- how far it may go below zero
	unconstrained boolean NOT NULL,
	version       bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- A refusal is on record too, so that the same id gets the same answer for ever.
CREATE TABLE transfers (
	id     text PRIMARY KEY,
	debit  text NOT NULL,
	credit text NOT NULL,
	amount bigint NOT NULL CHECK (amount > 0),
	at     timestamptz NOT NULL,
	value  date NOT NULL,
	reason text NOT NULL                          -- '' if it was done
);

CREATE TABLE entries (
	seq      bigint GENERATED ALWAYS AS IDENTITY,
	account  text NOT NULL,
	transfer text NOT NULL,
	amount   bigint NOT NULL,                     -- credits are above zero
	balance  bigint                               -- after it; none where nothing constrains the account
);
CREATE INDEX ON entries (account, seq); -- for statements

-- post makes one transfer in one round trip, and returns why not: '' if it was made.
CREATE FUNCTION post(_id text, _debit text, _credit text, _amount bigint, _at timestamptz, _value date) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	one   accounts;
	two   accounts;
	why   text := '';
	was   transfers;
	left_ bigint;
	right_ bigint;
BEGIN
	-- In one order everywhere, so that no two wait for each other in a circle. What nothing constrains is not locked.
	SELECT * INTO one FROM accounts WHERE id = least(_debit, _credit) AND NOT unconstrained FOR UPDATE;
	SELECT * INTO two FROM accounts WHERE id = greatest(_debit, _credit) AND NOT unconstrained FOR UPDATE;
	IF one.id IS NULL AND NOT EXISTS (SELECT FROM accounts WHERE id = least(_debit, _credit))
		OR two.id IS NULL AND NOT EXISTS (SELECT FROM accounts WHERE id = greatest(_debit, _credit)) THEN
		why := 'unknown_account';
	ELSIF one.id = _debit AND one.balance - _amount < -one.overdraft
		OR two.id = _debit AND two.balance - _amount < -two.overdraft THEN
		why := 'overdraft_exceeded';
	END IF;
	INSERT INTO transfers VALUES (_id, _debit, _credit, _amount, _at, _value, why) ON CONFLICT (id) DO NOTHING;
	IF NOT FOUND THEN
		SELECT * INTO STRICT was FROM transfers WHERE id = _id;
		IF (was.debit, was.credit, was.amount, was.at, was.value) <> (_debit, _credit, _amount, _at, _value) THEN
			RETURN 'exists_with_different_content';
		END IF;
		RETURN was.reason;
	END IF;
	IF why = '' THEN
		UPDATE accounts SET balance = balance - _amount, version = version + 1
			WHERE id = _debit AND NOT unconstrained RETURNING balance INTO left_;
		UPDATE accounts SET balance = balance + _amount, version = version + 1
			WHERE id = _credit AND NOT unconstrained RETURNING balance INTO right_;
		INSERT INTO entries (account, transfer, amount, balance) VALUES (_debit, _id, -_amount, left_), (_credit, _id, _amount, right_);
	END IF;
	RETURN why;
END $$;

-- post_all makes many independent transfers in one transaction, and returns why not for each of them.
CREATE FUNCTION post_all(_ids text[], _debits text[], _credits text[], _amounts bigint[], _ats timestamptz[], _values date[])
RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
	whys text[] := '{}';
BEGIN
	-- All locks first, in the order of the accounts: one transfer after another would take them in any order.
	PERFORM FROM accounts WHERE id = ANY (_debits || _credits) AND NOT unconstrained ORDER BY id FOR UPDATE;
	FOR i IN 1 .. cardinality(_ids) LOOP
		whys := whys || post(_ids[i], _debits[i], _credits[i], _amounts[i], _ats[i], _values[i]);
	END LOOP;
	RETURN whys;
END $$;
