package cashback

import "slices"

// RuleReason says why a rule does not apply to a purchase, or gives less than it says. A name keeps its meaning for ever.
type RuleReason string

// The reasons of rules, in the order in which a rule is asked: the first that holds is told.
const (
	// NotStarted is of a rule that begins after the day of the purchase.
	NotStarted RuleReason = "not_started"

	// Ended is of a rule that ended before the day of the purchase.
	Ended RuleReason = "ended"

	// MerchantNotIncluded is of a rule for other merchants.
	MerchantNotIncluded RuleReason = "merchant_not_included"

	// MerchantGroupNotIncluded is of a rule for merchants of other groups.
	MerchantGroupNotIncluded RuleReason = "merchant_group_not_included"

	// MCCNotIncluded is of a rule for other merchant category codes.
	MCCNotIncluded RuleReason = "mcc_not_included"

	// CategoryNotIncluded is of a rule for other categories.
	CategoryNotIncluded RuleReason = "category_not_included"

	// CountryNotIncluded is of a rule for other countries.
	CountryNotIncluded RuleReason = "country_not_included"

	// TierNotIncluded is of a rule for customers of other tiers.
	TierNotIncluded RuleReason = "tier_not_included"

	// MerchantExcluded is of a rule that leaves out the merchant.
	MerchantExcluded RuleReason = "merchant_excluded"

	// MerchantGroupExcluded is of a rule that leaves out a group of the merchant.
	MerchantGroupExcluded RuleReason = "merchant_group_excluded"

	// MCCExcluded is of a rule that leaves out the merchant category code.
	MCCExcluded RuleReason = "mcc_excluded"

	// CategoryExcluded is of a rule that leaves out the category.
	CategoryExcluded RuleReason = "category_excluded"

	// CountryExcluded is of a rule that leaves out the country.
	CountryExcluded RuleReason = "country_excluded"

	// TierExcluded is of a rule that leaves out the customer's tier.
	TierExcluded RuleReason = "tier_excluded"

	// BelowMinimum is of a rule for larger purchases.
	BelowMinimum RuleReason = "below_minimum"

	// NothingEarned is of a rule whose reward rounds to nothing.
	NothingEarned RuleReason = "nothing_earned"

	// Outdone is of a rule that another one of its group stands before.
	Outdone RuleReason = "outdone"

	// CapReached is of a rule that gives less, or nothing, since a cap of the customer leaves no more.
	CapReached RuleReason = "cap_reached"

	// BudgetExhausted is of a rule that gives less, or nothing, since its budget leaves no more.
	BudgetExhausted RuleReason = "budget_exhausted"
)

var ruleReasons = [...]RuleReason{
	NotStarted, Ended, MerchantNotIncluded, MerchantGroupNotIncluded, MCCNotIncluded, CategoryNotIncluded, CountryNotIncluded,
	TierNotIncluded, MerchantExcluded, MerchantGroupExcluded, MCCExcluded, CategoryExcluded, CountryExcluded, TierExcluded,
	BelowMinimum, NothingEarned, Outdone, CapReached, BudgetExhausted,
}

// RuleReasons lists every reason of rules, in the order in which a rule is asked.
func RuleReasons() []RuleReason { return slices.Clone(ruleReasons[:]) }

// Valid reports whether r is one of RuleReasons.
func (r RuleReason) Valid() bool { return slices.Contains(ruleReasons[:], r) }
