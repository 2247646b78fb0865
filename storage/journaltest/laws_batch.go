package journaltest

import (
	"errors"
	"fmt"

	"github.com/payrules/payrules/storage"
)

// run appends the calls one after the other, each with the receipts that the model expects, and compares all
// that can be read.
func (e *env) run(m *model, calls ...[]storage.Batch) error {
	for i, call := range calls {
		if err := e.append(m, call...); err != nil {
			return fmt.Errorf("call %d: %w", i+1, err)
		}
	}
	return m.verify(e.ctx, e.j)
}

type call = []storage.Batch

// wholeOrNot: a batch over the most streams there may be is stored in all of them; and in none, when only its
// last write does not hold, or only its first.
func wholeOrNot(e *env) error {
	m := &model{}
	wide := func(home, last storage.Version) []storage.Write {
		writes := []storage.Write{write("home/1", home, 2)}
		for i := range storage.MaxWrites - 2 {
			writes = append(writes, write(fmt.Sprintf("leg/%d", i), storage.Any, 1+i%3))
		}
		return append(writes, write("last/1", last, 1))
	}
	return e.run(m,
		call{batch("whole", wide(0, 0)...)},
		call{batch("last fails", wide(2, 0)...)},
		call{batch("home fails", wide(1, 1)...)},
		call{batch("whole again", wide(2, 1)...)},
	)
}

// orderInBatch: the records of a batch stand in the order of its writes, and of the events in each.
func orderInBatch(e *env) error {
	m := &model{}
	return e.run(m,
		call{batch("1", write("t/z", 0, 3), write("t/a", 0, 2), write("t/m", storage.Any, 1))},
		call{batch("2", write("t/m", 1, 1), write("t/z", 3, 1)), batch("3", write("t/a", 2, 2), write("t/b", 0, 1))},
	)
}

// dense: versions and positions have no gaps, whatever was refused in between.
func dense(e *env) error {
	m := &model{}
	for i := range 50 {
		v := storage.Version(i)
		err := e.append(m, batch(fmt.Sprint("lost", i), write("t/a", v+1, 2)), batch(fmt.Sprint("invalid", i)))
		if err != nil {
			return err
		}
		if err := e.append(m, batch(fmt.Sprint("kept", i), write("t/a", v, 1), write(fmt.Sprint("t/", i%7, "x"), storage.Any, 2))); err != nil {
			return err
		}
	}
	return m.verify(e.ctx, e.j)
}

// conflicts: an expectation that does not hold makes its batch lose, in every place it can stand.
func conflicts(e *env) error {
	m := &model{}
	return e.run(m,
		call{batch("new stream, but 1 expected", write("t/a", 1, 1))},
		call{batch("first", write("t/a", 0, 3))},
		call{batch("0 expected of a stream that is", write("t/a", 0, 1))},
		call{batch("one too few", write("t/a", 2, 1))},
		call{batch("one too many", write("t/a", 4, 1))},
		call{batch("far too many", write("t/a", storage.Any-1, 1))},
		call{batch("second write", write("t/b", 0, 1), write("t/a", 2, 1))},
		call{batch("both writes", write("t/b", 1, 1), write("t/a", 2, 1))},
		call{batch("the same again", write("t/a", 0, 3))},
		call{batch("right", write("t/a", 3, 1), write("t/b", 0, 1))},
	)
}

// guards: a write without events only expects. It stores nothing, and its stream does not begin to exist.
func guards(e *env) error {
	m := &model{}
	return e.run(m,
		call{batch("on a stream that is not", write("t/a", 0, 1), write("guard/new", 0, 0))},
		call{batch("holds", write("t/b", 0, 1), write("t/a", 1, 0))},
		call{batch("too low", write("t/b", 1, 1), write("t/a", 0, 0))},
		call{batch("too high", write("t/b", 1, 1), write("t/a", 2, 0))},
		call{batch("on a stream that is still not", write("t/b", 1, 1), write("guard/new", 1, 0))},
		call{
			batch("moves what the next one guards", write("t/a", 1, 1)),
			batch("guards too low", write("t/c", 0, 1), write("t/a", 1, 0)),
			batch("guards", write("t/d", 0, 1), write("t/a", 2, 0)),
		},
		call{ // a lost guard wanted to write nothing, so nothing is built on it
			batch("guard loses", write("t/e", 0, 1), write("t/a", 9, 0)),
			batch("not built on it", write("t/a", 2, 1)),
		},
	)
}

// anyExpectation: Any expects nothing, of a stream that is or is not, in one call or in several.
func anyExpectation(e *env) error {
	m := &model{}
	return e.run(m,
		call{batch("1", write("t/a", 0, 1), write("hot/1", storage.Any, 2))},
		call{batch("2", write("t/a", 1, 1), write("hot/1", storage.Any, 1))},
		call{
			batch("3", write("t/a", 2, 1), write("hot/1", storage.Any, 1)),
			batch("4", write("t/b", 0, 1), write("hot/1", storage.Any, 3), write("hot/2", storage.Any, 1)),
		},
		call{ // what a lost batch wanted to write there does not matter to Any
			batch("5", write("t/a", 0, 1), write("hot/1", storage.Any, 1)),
			batch("6", write("t/b", 1, 1), write("hot/1", storage.Any, 1)),
		},
		call{batch("7", write("hot/1", 8, 1))},
	)
}

// losersBetweenWinners: one that loses leaves its neighbours alone, whatever it loses for.
func losersBetweenWinners(e *env) error {
	m := &model{}
	return e.run(m,
		call{batch("before", write("t/old", 0, 5))},
		call{
			batch("wins 1", write("t/a", 0, 1)),
			batch("loses: wrong version", write("t/old", 4, 1), write("t/x", 0, 1)),
			batch("wins 2", write("t/b", 0, 2)),
			batch("loses: no writes"),
			batch("wins 3", write("t/a", 1, 1), write("t/b", 2, 1)),
			batch("", write("t/c", 0, 1)),
			batch("loses: no such version", write("t/y", 7, 1)),
			batch("wins 4", write("t/a", 2, 1)),
			batch("loses to one before it", write("t/b", 2, 1)),
		},
		call{batch("loses alone", write("t/a", 0, 1))},
		call{batch("wins 5", write("t/old", 5, 1), write("t/x", 0, 1), write("t/y", 0, 1))},
	)
}

// builtOnLost: what was decided on events that were not stored is not stored either, and so on along the chain.
func builtOnLost(e *env) error {
	m := &model{}
	return e.run(m,
		call{batch("before", write("t/a", 0, 3))},
		call{
			batch("loses", write("t/a", 2, 1), write("t/b", 0, 1)),
			batch("on the home", write("t/a", 3, 1)),
			batch("on the other stream, where the version fits", write("t/b", 0, 1), write("t/c", 0, 1)),
			batch("on that, where the version fits", write("t/c", 0, 1)),
			batch("guards what was lost", write("t/d", 0, 1), write("t/b", 0, 0)),
			batch("stands apart", write("t/e", 0, 1)),
		},
		call{ // the next call knows better, so nothing is held against it
			batch("again", write("t/b", 0, 1), write("t/c", 0, 1)),
			batch("and on", write("t/c", 1, 1), write("t/d", 0, 1), write("t/a", 3, 1)),
		},
		call{ // an invalid batch is lost as well
			{Key: "", Writes: []storage.Write{write("t/a", 4, 1)}},
			batch("on an invalid one", write("t/a", 4, 1)),
		},
	)
}

// builtOnLostByCoincidence: the number that a batch expects of a stream fits, since somebody else stored
// as many events as the batch before it would have. It must lose all the same: it was decided on others.
func builtOnLostByCoincidence(e *env) error {
	m := &model{}
	if err := e.append(m, batch("known to both", write("t/a", 0, 1))); err != nil {
		return err
	}
	// The caller knows version 1. Now the other one is quicker, and stores two.
	if err := e.append(m, batch("the other's", write("t/a", 1, 2))); err != nil {
		return err
	}
	mine := call{
		batch("mine, of two events", write("t/a", 1, 2)),
		batch("mine, built on them", write("t/a", 3, 1), write("t/b", 0, 1)),
	}
	receipts, err := e.j.Append(e.ctx, mine...)
	if err != nil || len(receipts) != 2 {
		return fmt.Errorf("append: got %d receipts, %v, want 2", len(receipts), err)
	}
	if receipts[1].Err == nil {
		return fmt.Errorf("a batch built on a lost one was stored, for the version fits by chance")
	}
	var c *storage.ConflictError
	if !errors.As(receipts[1].Err, &c) || !c.BuiltOnLost || c.Stream != "t/a" {
		return fmt.Errorf("a batch built on a lost one: got error %v, want a conflict with BuiltOnLost on t/a", receipts[1].Err)
	}
	return m.verify(e.ctx, e.j)
}

// builtOnStored: a batch may expect what those before it in the same call leave.
func builtOnStored(e *env) error {
	m := &model{}
	var chain call
	for i := range 100 {
		chain = append(chain, batch(fmt.Sprint("link ", i), write("t/a", storage.Version(i), 1), write("t/b", storage.Version(2*i), 2)))
	}
	return e.run(m, chain, call{batch("on", write("t/a", 100, 1))})
}
