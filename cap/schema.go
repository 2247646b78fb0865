package cap

import _ "embed" // for the schema

//go:embed policy.schema.json
var policySchema string

// PolicySchema returns the JSON Schema (draft 2020-12) of a policy, with titles and descriptions for an editor to show.
// What it refuses [ParsePolicy] refuses too. Few things it cannot say, and ParsePolicy alone refuses:
//
//   - names that are given twice, or fields;
//   - lists that are not in ascending order, ranges that go downwards, overrides that overlap or end before they begin;
//   - amounts in another currency than the policy's, or above MaxAmount;
//   - durations above MaxRolling, and a final_after below the lateness;
//   - days that the calendar does not have, and instants outside 1970 to 2199;
//   - zones that the database does not have;
//   - the fourth window opened by first use among limits of the same scope and counting;
//   - ids longer than MaxID bytes, and policies longer than MaxPolicy bytes;
//   - whole numbers with a point or an exponent, such as 1.0, and text with an escape that is no character, or in an amount.
func PolicySchema() []byte { return []byte(policySchema) }
