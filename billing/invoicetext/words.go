package invoicetext

import "github.com/payrules/payrules/billing"

// Language is what language an invoice speaks. "" is French.
type Language string

// The languages.
const (
	French  Language = "fr" // dates as 31/12/2026, numbers as 1 234,56
	English Language = "en" // dates as 2026-12-31, numbers as 1,234.56
)

// words are all that a language has to say.
type words struct {
	language Language

	invoice, supplementary, credit, draft string

	issued, due, period, until, contract, corrects, currency, mandate, creditor, supply string

	seller, buyer, siren, siret, vatNumber, reference string

	day, quantity, price, vat, net, what      string
	unit, allowance, order, delivered, refund string

	regime, base, rate, tax string

	lines, allowances, charges, total, taxes, gross, prepaid, rounding, payable, credited string

	onDebits, debited, eco string
	page                   string // with places for which, and of how many
	percent                string // behind a number

	supplies   [3]string // goods, services, both
	categories [9]string // as categoryCodes has them
}

// categoryCodes are the VAT categories in the order of words.categories.
var categoryCodes = [...]billing.VATCategory{
	billing.Standard, billing.ZeroRated, billing.Exempt, billing.ReverseCharge, billing.IntraEU, billing.Export, billing.OutOfScope,
	billing.CanaryIslands, billing.CeutaMelilla,
}

// supplyCodes are the kinds of supply in the order of words.supplies.
var supplyCodes = [...]billing.Supply{billing.Goods, billing.Services, billing.Both}

var dictionary = [...]words{
	{
		language: French,
		invoice:  "Facture", supplementary: "Facture complémentaire", credit: "Avoir", draft: "brouillon",
		issued: "Date d'émission", due: "Date d'échéance", period: "Période", until: "au", contract: "Contrat",
		corrects: "Avoir sur la facture", currency: "Monnaie", mandate: "Mandat de prélèvement", creditor: "Identifiant créancier (ICS)",
		supply: "Nature des opérations",
		seller: "Vendeur", buyer: "Client", siren: "SIREN", siret: "SIRET", vatNumber: "TVA", reference: "Réf.",
		day: "Date", quantity: "Quantité", price: "Prix unitaire HT", vat: "TVA", net: "Montant HT", what: "Désignation",
		unit: "unité", allowance: "remise", order: "commande", delivered: "livraison", refund: "remboursement",
		regime: "Régime", base: "Base HT", rate: "Taux", tax: "TVA",
		lines: "Total des lignes", allowances: "Remises", charges: "Frais", total: "Total HT", taxes: "Total TVA", gross: "Total TTC",
		prepaid: "Déjà payé", rounding: "Arrondi", payable: "Net à payer", credited: "Net à votre crédit",
		onDebits: "Option pour le paiement de la taxe d'après les débits",
		debited:  "Prélevé sur votre compte, au plus tôt à la date d'échéance", eco: "Dont éco-participation",
		page: "Page %d sur %d", percent: "\u00a0%",
		supplies: [...]string{"Livraison de biens", "Prestation de services", "Livraison de biens et prestation de services"},
		categories: [...]string{
			"Taux normal ou réduit", "Taux zéro", "Exonéré de TVA", "Autoliquidation", "Livraison intracommunautaire exonérée",
			"Exportation exonérée", "Hors du champ de la TVA", "IGIC des Canaries", "IPSI de Ceuta et Melilla",
		},
	},
	{
		language: English,
		invoice:  "Invoice", supplementary: "Supplementary invoice", credit: "Credit note", draft: "draft",
		issued: "Date of issue", due: "Due date", period: "Period", until: "to", contract: "Contract",
		corrects: "Credit note on invoice", currency: "Currency", mandate: "Direct debit mandate", creditor: "Creditor identifier",
		supply: "Kind of supply",
		seller: "Seller", buyer: "Customer", siren: "SIREN", siret: "SIRET", vatNumber: "VAT no.", reference: "Ref.",
		day: "Date", quantity: "Quantity", price: "Unit price", vat: "VAT", net: "Net amount", what: "Description",
		unit: "unit", allowance: "discount", order: "order", delivered: "delivery", refund: "refund",
		regime: "VAT category", base: "Taxable", rate: "Rate", tax: "VAT",
		lines: "Sum of lines", allowances: "Discounts", charges: "Charges", total: "Net total", taxes: "Total VAT", gross: "Gross total",
		prepaid: "Paid before", rounding: "Rounding", payable: "Amount due", credited: "Amount credited",
		onDebits: "VAT is due on invoicing (option pour le paiement de la taxe d'après les débits)",
		debited:  "Debited from your account, on the due date at the earliest", eco: "Eco-participation included",
		page: "Page %d of %d", percent: "%",
		supplies: [...]string{"Goods", "Services", "Goods and services"},
		categories: [...]string{
			"Standard or reduced rate", "Zero rate", "Exempt", "Reverse charge", "Intra-Community supply, exempt", "Export, exempt",
			"Not subject to VAT", "IGIC of the Canary Islands", "IPSI of Ceuta and Melilla",
		},
	},
}
