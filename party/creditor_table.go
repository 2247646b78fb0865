package party

// judgeNational checks the national identifier of a creditor by the table of its country.
func judgeNational(country Country, national string) Reason { return "" }
