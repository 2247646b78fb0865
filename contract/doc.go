// Package contract holds what a customer and a bank have agreed on: contracts, and the mandates that they are paid by.
package contract
