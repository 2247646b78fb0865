// Package party says who the parties of a payment are: their identifiers, their addresses, their countries.
package party
