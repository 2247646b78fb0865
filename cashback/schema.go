package cashback

import _ "embed" // for the schema

//go:embed program.schema.json
var programSchema string

// ProgramSchema returns the JSON Schema (draft 2020-12) of a program, with titles and descriptions for an editor to show. It refers to
// the one of [cap.PolicySchema] by its $id: give both to what validates. What it refuses [ParseProgram] refuses too. Some things it
// cannot say, and ParseProgram alone refuses:
//
//   - ids and fields that are given twice, and ids that refer to nothing;
//   - lists that are not in ascending order, ranges that go downwards, rules that end before they begin;
//   - amounts in another currency than the program's, or above MaxAmount; policies likewise, and those with too little lateness;
//   - rates above MaxRate, or above 1 where that is not said; fractions that do not fit an int64;
//   - steps that overlap, leave a gap, or give less than the one before; an end of the last step, and a step before it without one;
//   - shares that do not add up to 1;
//   - a number of refund days below that of the late days;
//   - days that the calendar does not have, and zones that the database does not have;
//   - names in a filter longer than 255 bytes, and programs longer than MaxProgram bytes;
//   - whole numbers with a point or an exponent, such as 1.0, and text with an escape that is no character, or in an amount;
//   - in the policy of a cap what [cap.PolicySchema] cannot say.
func ProgramSchema() []byte { return []byte(programSchema) }
